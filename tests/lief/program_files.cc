#include "program_files.h"

#include <algorithm>
#include <cstdlib>

#include "base/io.h"
#include "base/process.h"
#include "binary/elf_builder.h"
#include "binary/executable.h"
#include "binary/macho_builder.h"
#include "binary/pe_builder.h"

namespace ascribe {
namespace {
namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = std::uint64_t{8} << 20;

void Read(const fs::path& path, std::vector<ProgramFile>& files) {
  auto bytes = ReadFile(path, kMaxBytes);
  if (bytes && LooksExecutable(*bytes)) files.push_back({path.string(), std::move(*bytes)});
}

std::vector<fs::path> FilesOf(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file(error) && !it->is_symlink(error)) paths.push_back(it->path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Without <windows.h>, which takes the compiler longer than all the rest.
constexpr const char* kSource = R"(
#include <stdio.h>
__declspec(dllimport) unsigned long __stdcall GetTickCount(void);
__declspec(dllimport) int __stdcall MessageBoxA(void*, const char*, const char*, unsigned);
__declspec(dllexport) int exported_number(int n) { return n * 3 + 1; }
__declspec(dllexport) int exported_value = 7;
static __thread int counter = 5;
static void __stdcall on_thread(void* module, unsigned long reason, void* reserved) { counter += (int)reason; }
__attribute__((section(".CRT$XLC"), used)) void (__stdcall *thread_callback)(void*, unsigned long, void*) = on_thread;
int main(void) { printf("%d %lu\n", exported_number(counter), GetTickCount()); MessageBoxA(0, "a", "b", 0); return 0; }
)";
constexpr const char* kResources = "LANGUAGE 0x0C, 0x01\n1 RCDATA { \"un\" }\nLANGUAGE 0x19, 0x01\n1 RCDATA { \"odin\" }\n2 RCDATA { \"dva\" }\n";

}  // namespace

std::vector<ProgramFile> SystemPrograms() {
  const std::size_t wanted = std::getenv("ASCRIBE_SLOW") != nullptr ? SIZE_MAX : 40;
  std::vector<ProgramFile> files;
  Read("/proc/self/exe", files);
  for (const char* folder : {"/usr/bin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"}) {
    const std::vector<fs::path> paths = FilesOf(folder);
    const std::size_t step = std::max<std::size_t>(1, paths.size() / wanted);
    for (std::size_t i = 0; i < paths.size(); i += step) Read(paths[i], files);
  }
  return files;
}

std::vector<ProgramFile> WindowsPrograms(const fs::path& folder) {
  std::vector<ProgramFile> files;
  const fs::path source = folder / "program.c", resources = folder / "program.rc";
  if (!WriteFileAtomic(source, kSource) || !WriteFileAtomic(resources, kResources)) return files;
  ProcessLimits limits;
  limits.file_bytes = kMaxBytes;
  for (const std::string machine : {"x86_64", "i686"}) {
    const auto compiler = FindProgram(machine + "-w64-mingw32-gcc"), windres = FindProgram(machine + "-w64-mingw32-windres");
    if (!compiler || !windres) continue;
    const fs::path object = folder / (machine + ".res.o"), program = folder / (machine + ".exe");
    const auto run = [&](const std::vector<std::string>& argv) {
      const auto outcome = RunProcess(argv, ByteView(), limits);
      return outcome && outcome->end == ProcessEnd::kExited && outcome->status == 0;
    };
    if (!run({*windres, "--preprocessor-arg=-w", resources.string(), object.string()})) continue;
    if (run({*compiler, "-O1", source.string(), object.string(), "-o", program.string(), "-luser32"})) Read(program, files);
    std::error_code error;
    const std::uint64_t most = std::getenv("ASCRIBE_SLOW") != nullptr ? kMaxBytes : kMaxBytes / 8;
    for (const auto& entry : fs::recursive_directory_iterator("/usr/lib/gcc/" + machine + "-w64-mingw32", error))
      if (entry.path().extension() == ".dll" && entry.file_size(error) < most) Read(entry.path(), files);
  }
  return files;
}

std::vector<ProgramFile> MadePrograms() {
  std::vector<ProgramFile> files;
  for (const char* seeds : {"fuzz/seeds/executable", "fuzz/seeds/pe"})
    for (const fs::path& path : FilesOf(fs::path(ASCRIBE_SOURCE_DIR) / seeds)) Read(path, files);
  for (const bool plus : {false, true}) {
    PeBuilder b;
    b.plus = plus;
    b.imports = {{"KERNEL32.dll", {"CreateFileA", "ReadFile"}}, {"WS2_32.dll", {"#115", "#3"}}};
    b.pdb_path = "c:\\work\\tool\\release\\tool.pdb";
    b.languages = {0x0412, 0x0419, 0};
    b.rich = {{0x00aa9d1b, 12}, {0x009e9d1b, 1}, {0x00010000, 140}};
    b.code_size = 0x100;
    b.exports = {{"Alpha", PeBuilder::kCode + 0x10, ""}, {"Beta", PeBuilder::kCode + 0x40, ""}};
    b.tls_callbacks = {PeBuilder::kCode + 0x20, PeBuilder::kCode + 0x60};
    files.push_back({plus ? "PeBuilder, 64 bits" : "PeBuilder, 32 bits", b.Build()});
  }
  for (const bool wide : {true, false}) {
    ElfBuilder b;
    b.wide = wide;
    b.machine = wide ? 62 : 3;
    b.functions = {{"exported", 32, true, false, true, false}, {"local", 16, false, true, false, false}, {"first", 8, false, true, false, true}};
    b.imports = {{"malloc", "libc.so.6"}, {"deflate", "libz.so.1"}, {"anywhere", ""}};
    files.push_back({wide ? "ElfBuilder, 64 bits" : "ElfBuilder, 32 bits", b.Build().bytes});
    MachOBuilder m;
    m.wide = wide;
    m.cpu = wide ? 0x0100'0007 : 7;
    m.thread_flavour = wide ? 4 : 1;
    m.program_counter = wide ? 16 * 8 : 10 * 4;
    m.functions = {{"entry_point", false, false, false, false}, {"listed", false, false, true, false}, {"shown", true, false, false, false}};
    m.imports = {{"malloc", 1, true}, {"stdout", 1, false}};
    m.libraries = {"/usr/lib/libSystem.B.dylib", "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation"};
    files.push_back({wide ? "MachOBuilder, 64 bits" : "MachOBuilder, 32 bits", m.Build().bytes});
  }
  return files;
}

}  // namespace ascribe
