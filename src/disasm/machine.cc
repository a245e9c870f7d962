#include "disasm/machine.h"

#include <fmt/format.h>

#ifdef ASCRIBE_CAPSTONE
#include "disasm/capstone_machine.h"
#endif

namespace ascribe {

#ifdef ASCRIBE_CAPSTONE

std::string WhyNoMachine(const Executable& e) {
  switch (e.architecture) {
    case Architecture::kArm:
    case Architecture::kArm64:
      if (!cs_support(e.architecture == Architecture::kArm ? CS_ARCH_ARM : CS_ARCH_ARM64)) break;
      if (e.big_endian) return fmt::format("code for big-endian {} is not decoded", Name(e.architecture));
      return {};
    case Architecture::kMips:
      if (!cs_support(CS_ARCH_MIPS)) break;
      return {};
    default:
      break;
  }
  return fmt::format("code for {} is not decoded", Name(e.architecture));
}

std::unique_ptr<Machine> MakeMachine(const Executable& e) {
  if (!WhyNoMachine(e).empty()) return nullptr;
  return e.architecture == Architecture::kArm ? MakeArm(e) : e.architecture == Architecture::kArm64 ? MakeArm64(e) : MakeMips(e);
}

#else

std::string WhyNoMachine(const Executable& e) {
  const bool would = e.architecture == Architecture::kArm || e.architecture == Architecture::kArm64 || e.architecture == Architecture::kMips;
  return fmt::format("code for {} is not decoded{}", Name(e.architecture), would ? ": built without Capstone" : "");
}

std::unique_ptr<Machine> MakeMachine(const Executable&) { return nullptr; }

#endif

}  // namespace ascribe
