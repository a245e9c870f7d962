#include "app/cli.h"

int main(int argc, char** argv) { return ascribe::RunCli(argc, argv); }
