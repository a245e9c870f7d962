#include "code/function_views.h"

#include <algorithm>

namespace ascribe {
namespace {

bool IsValue(std::uint64_t key) { return ChannelOf(key) >= static_cast<unsigned>(CodeChannel::kConstant); }

void AddValuesOf(const CodeFunction& function, std::vector<std::uint64_t>& keys) {
  const auto first = std::find_if(function.features.begin(), function.features.end(), IsValue);
  keys.insert(keys.end(), first, function.features.end());
}

void Settle(std::vector<std::uint64_t>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

FunctionView ViewOf(CodeChannel channel) {
  switch (channel) {
    case CodeChannel::kFunction:
      return FunctionView::kFunction;
    case CodeChannel::kBlock:
      return FunctionView::kBlock;
    case CodeChannel::kShape:
      return FunctionView::kShape;
    case CodeChannel::kGram:
      return FunctionView::kGram;
    case CodeChannel::kText:
      return FunctionView::kText;
    case CodeChannel::kImport:
      return FunctionView::kImport;
    case CodeChannel::kSmall:
      return FunctionView::kSmall;
    case CodeChannel::kConstant:
    case CodeChannel::kTable:
    case CodeChannel::kData:  // of no function
      break;
  }
  return FunctionView::kConstant;  // tables are values too; windows of one table stand for one another
}

}  // namespace

std::string_view Name(FunctionView view) {
  constexpr std::array<std::string_view, kFunctionViews> kNames = {
      "function", "block", "shape", "gram", "constant", "text", "import", "small", "callers", "callees", "reach", "neighbours"};
  return kNames[static_cast<std::size_t>(view)];
}

ViewKeys KeysByView(const Program& program, std::size_t index) {
  ViewKeys keys;
  const auto at = [&](FunctionView view) -> std::vector<std::uint64_t>& { return keys[static_cast<std::size_t>(view)]; };
  const CodeFunction& f = program.functions[index];
  for (std::uint64_t key : f.features) {
    const auto channel = static_cast<CodeChannel>(ChannelOf(key));
    if (channel == CodeChannel::kTable) continue;  // in the values of the surroundings only: see docs/bench-code.md
    at(ViewOf(channel)).push_back(key);
  }
  std::vector<std::uint32_t> reached;
  for (std::uint32_t callee : f.callees)
    if (program.functions[callee].import.empty() && reached.size() < kMaxContextFunctions) reached.push_back(callee);
  std::vector<std::uint64_t>& callees = at(FunctionView::kCallees);
  AddValuesOf(f, callees);
  for (std::uint32_t callee : reached) AddValuesOf(program.functions[callee], callees);
  Settle(callees);
  std::vector<std::uint64_t>& reach = at(FunctionView::kReach);
  reach = callees;
  const std::size_t direct = reached.size();
  for (std::size_t i = 0; i < direct; ++i) {
    for (std::uint32_t next : program.functions[reached[i]].callees) {
      if (reached.size() >= kMaxContextFunctions) break;
      if (std::find(reached.begin(), reached.end(), next) != reached.end()) continue;
      reached.push_back(next);
      AddValuesOf(program.functions[next], reach);
    }
  }
  Settle(reach);
  std::vector<std::uint64_t>& callers = at(FunctionView::kCallers);
  const std::size_t first = program.callers_first[index];
  const std::size_t last = std::min<std::size_t>(program.callers_first[index + 1], first + kMaxContextCallers);
  for (std::size_t i = first; i < last; ++i) AddValuesOf(program.functions[program.callers[i]], callers);
  Settle(callers);
  std::vector<std::uint64_t>& neighbours = at(FunctionView::kNeighbours);
  for (std::size_t d = 1; d <= 2; ++d) {
    if (index >= d) AddValuesOf(program.functions[index - d], neighbours);
    if (index + d < program.functions.size()) AddValuesOf(program.functions[index + d], neighbours);
  }
  Settle(neighbours);
  return keys;
}

}  // namespace ascribe
