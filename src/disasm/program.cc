#include "disasm/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/hash64.h"
#include "binary/endian_view.h"
#include "binary/walk_once.h"
#include "disasm/decoder.h"
#include "disasm/function_body.h"
#include "disasm/import_names.h"
#include "disasm/literals.h"
#include "disasm/table_lists.h"
#include "disasm/values.h"

namespace ascribe {
namespace {

void Settle(std::vector<std::uint64_t>& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

std::uint64_t Key(CodeChannel channel, std::uint64_t hash) { return FeatureKey(static_cast<unsigned>(channel), hash); }

// Tables of jumps to imports, which linkers make and unwind tables cover as if they were functions.
bool IsStubTable(const BinarySection* section) {
  return section != nullptr && (section->name.starts_with(".plt") || section->name.ends_with("stubs") || section->name.ends_with("stub_helper"));
}

// A place in data that a function refers to. Width 0: the address itself is taken.
struct DataUse {
  std::uint64_t address = 0;
  std::uint32_t function = 0;
  std::uint8_t width = 0;
  friend bool operator==(const DataUse&, const DataUse&) = default;
};

// Of a text or a number there are no more.
constexpr std::size_t kFewFeatures = 8;

class Analysis {
 public:
  explicit Analysis(const Executable& e) : e_(e), decoder_(e), names_(e, decoder_) {}

  Program Run() {
    if (!Decoder::Knows(e_)) return {};
    for (const FunctionRange& range : FindFunctions(e_)) {
      CodeFunction function;
      function.address = range.address;
      function.end = range.end;
      function.source = range.source;
      out_.functions.push_back(std::move(function));
    }
    for (std::uint32_t f = 0; f < out_.functions.size(); ++f) Code(f);
    Data();
    for (CodeFunction& f : out_.functions) {
      std::sort(f.features.begin(), f.features.end());
      f.features.erase(std::unique(f.features.begin(), f.features.end()), f.features.end());
      if (!f.features.empty() && f.features.front() == 0) f.features.erase(f.features.begin());  // "no key"
      f.features.shrink_to_fit();
    }
    Settle(out_.typed);
    Callers();
    Texts();
    return std::move(out_);
  }

 private:
  void Code(std::uint32_t index) {
    CodeFunction& f = out_.functions[index];
    body_.Read(decoder_, e_, f.address, f.end);
    out_.instructions += body_.decoded;
    f.instructions = static_cast<std::uint32_t>(body_.instructions.size());
    f.blocks = static_cast<std::uint32_t>(body_.leaders.size());
    if (f.instructions == 0) return;
    if (IsStubTable(e_.SectionAt(f.address))) return;
    if (f.instructions <= 3) f.import = names_.AtStub(f.address);
    if (!f.import.empty()) return;
    Hashes(f);
    AddValues(body_, f.features);
    Calls(index);
  }

  void Hashes(CodeFunction& f) {
    std::uint64_t exact = 0xF00D, shape = 0x54A9E, block = 0xB10C;
    std::uint32_t in_block = 0;
    std::size_t next_leader = 1;
    std::array<std::uint64_t, 3> last{};
    mnemonics_.clear();
    const std::size_t count = body_.instructions.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Instruction& in = body_.instructions[i];
      const std::uint64_t e = ExactHash(in), s = ShapeHash(in);
      exact = Mix(exact, e);
      shape = Mix(shape, s);
      block = Mix(block, e);
      ++in_block;
      const bool ends = i + 1 == count || (next_leader < body_.leaders.size() && body_.leaders[next_leader] == i + 1);
      if (ends) {
        if (in_block >= kMinBlock) f.features.push_back(Key(CodeChannel::kBlock, block));
        block = 0xB10C;
        in_block = 0;
        ++next_leader;
      }
      last = {last[1], last[2], s};
      if (i >= 2) f.features.push_back(Key(CodeChannel::kGram, Mix(Mix(last[0], last[1]), last[2])));
      mnemonics_.push_back(in.mnemonic);
    }
    if (count >= kMinFunction) {
      f.features.push_back(Key(CodeChannel::kFunction, exact));
      f.features.push_back(Key(CodeChannel::kShape, shape));
    }
    std::sort(mnemonics_.begin(), mnemonics_.end());
    for (std::size_t i = 0; i < mnemonics_.size();) {
      std::size_t k = i;
      while (k < mnemonics_.size() && mnemonics_[k] == mnemonics_[i]) ++k;
      f.mnemonics.push_back({mnemonics_[i], static_cast<std::uint16_t>(std::min<std::size_t>(k - i, 0xFFFF))});
      i = k;
    }
  }

  void Calls(std::uint32_t index) {
    CodeFunction& f = out_.functions[index];
    for (const Instruction& in : body_.instructions) {
      if (in.reference != 0) {
        const std::string& import = names_.AtSlot(in.reference);
        if (!import.empty()) {
          Import(f, import);
          continue;
        }
        bool taken = true;
        std::uint8_t width = 0;
        for (std::uint8_t k = 0; k < in.operand_count; ++k) {
          const Operand& o = in.operands[k];
          if (o.kind != OperandKind::kMemory || o.address) continue;
          if (o.base.kind == RegisterClass::kGeneral || o.index.kind == RegisterClass::kGeneral) continue;  // a table
          if (o.base.kind == RegisterClass::kInstructionPointer || o.value > 0xFFFF) {
            taken = false;
            width = o.bytes;
          }
        }
        if (taken || width >= 4) uses_.push_back({in.reference, index, taken ? std::uint8_t{0} : width});
      }
      const bool leaves = in.flow == Flow::kCall || in.flow == Flow::kJump || in.flow == Flow::kBranch;
      if (!leaves || in.target == 0 || (in.target >= f.address && in.target < f.end)) continue;
      const std::size_t callee = out_.Find(in.target);
      // A stub may be a function of its own, or stand in a table of stubs that is one range.
      if (callee == Program::npos || out_.functions[callee].end - in.target <= most_stub_) {
        if (const std::string& import = names_.AtStub(in.target); !import.empty()) {
          Import(f, import);
          continue;
        }
      }
      if (callee != Program::npos && callee != index) f.callees.push_back(static_cast<std::uint32_t>(callee));
    }
    std::sort(f.callees.begin(), f.callees.end());
    f.callees.erase(std::unique(f.callees.begin(), f.callees.end()), f.callees.end());
  }

  static void Import(CodeFunction& f, const std::string& name) {
    f.features.push_back(Key(CodeChannel::kImport, HashBytes(name, 0x1A90)));
  }

  // Each place is read once, whoever refers to it; a table ends where the program next refers to.
  void Data() {
    std::sort(uses_.begin(), uses_.end(), [](const DataUse& a, const DataUse& b) {
      return std::tie(a.address, a.width, a.function) < std::tie(b.address, b.width, b.function);
    });
    // A function may refer to one place a thousand times.
    uses_.erase(std::unique(uses_.begin(), uses_.end()), uses_.end());
    features_left_ = kFreeTableFeatures + kTableFeaturesPerInstruction * out_.instructions;
    // Tables of real programs share no bytes, and their pointers few texts; those in forged sections may.
    const std::uint64_t table_bytes = std::max<std::uint64_t>(kFreeTableBytes, 4 * e_.file.size()), all_features = features_left_;
    table_bytes_left_ = table_bytes;
    std::uint64_t uses_skipped = 0;
    std::vector<std::uint64_t> keys;
    for (std::size_t i = 0; i < uses_.size();) {
      const DataUse& use = uses_[i];
      std::size_t same = i, next = i;
      while (same < uses_.size() && uses_[same].address == use.address && uses_[same].width == use.width) ++same;
      next = same;
      while (next < uses_.size() && uses_[next].address == use.address) ++next;
      keys.clear();
      if (use.width == 0)
        Referred(use.address, next < uses_.size() ? uses_[next].address : 0, keys);
      else
        Loaded(use.address, use.width, keys);
      for (; i < same; ++i) {
        if (keys.size() > kFewFeatures) {
          if (keys.size() > features_left_) {
            ++uses_skipped;
            continue;
          }
          features_left_ -= keys.size();
        }
        std::vector<std::uint64_t>& features = out_.functions[uses_[i].function].features;
        features.insert(features.end(), keys.begin(), keys.end());
      }
    }
    const auto told = [&](std::uint64_t count, const std::string& text) {
      if (count > 0) out_.skipped += (out_.skipped.empty() ? "" : "; ") + text;
    };
    told(tables_skipped_, fmt::format("{} tables were skipped after {} MiB of table bytes (limit kFreeTableBytes)", tables_skipped_, table_bytes >> 20));
    told(uses_skipped, fmt::format("the tables of {} references gave no features after {} of them (limit kFreeTableFeatures)", uses_skipped, all_features));
    told(pairs_skipped_, fmt::format("{} pairs of entries of lists were skipped after {} (limit kMaxProgramListPairs)", pairs_skipped_, kMaxProgramListPairs));
  }

  void Referred(std::uint64_t address, std::uint64_t next, std::vector<std::uint64_t>& keys) {
    const Literal literal = ReadLiteral(e_, address, next);
    if (literal.kind != Literal::Kind::kText) {
      std::uint64_t size = literal.bytes.size();
      for (const std::string& text : literal.texts) size += text.size();
      if (size > table_bytes_left_) {
        ++tables_skipped_;
        return;
      }
      table_bytes_left_ -= size;
    }
    switch (literal.kind) {
      case Literal::Kind::kNone:
        return;
      case Literal::Kind::kText:
        AddTextKeys(literal.text, keys);
        if (literal.bytes.size() >= kEncodedBytes) AddEncodedKeys(literal.bytes, keys);
        Typed(keys);
        return;
      case Literal::Kind::kPointers:
        for (const std::string& text : literal.texts) AddTextKeys(text, keys);
        Typed(keys);
        return;
      case Literal::Kind::kTable:
        keys.push_back(Key(CodeChannel::kConstant,
                           HashBytes(literal.bytes.text().substr(0, std::min<std::size_t>(16, literal.bytes.size())), 0x7AB)));
        AddEncodedKeys(literal.bytes, keys);
        for (std::uint64_t window : TableWindows(literal.bytes)) keys.push_back(Key(CodeChannel::kTable, window));
        for (std::uint64_t pair : ListPairs(e_, address, literal.bytes)) {
          if (list_pairs_ == kMaxProgramListPairs) {
            ++pairs_skipped_;
            continue;
          }
          ++list_pairs_;
          keys.push_back(Key(CodeChannel::kTable, pair));
        }
    }
  }

  void Loaded(std::uint64_t address, std::size_t width, std::vector<std::uint64_t>& keys) {
    const BinarySection* section = e_.SectionAt(address);
    if (section == nullptr || section->writable || section->executable) return;
    const ByteView bytes = e_.At(address);
    if (bytes.size() < width || width > 64) return;
    const EndianView view{bytes, e_.big_endian, e_.is_64};
    if (width == 4)
      keys.push_back(ConstantKey(*view.U32(0)));
    else if (width == 8)
      keys.push_back(ConstantKey(static_cast<std::int64_t>(*view.U64(0))));
    else
      keys.push_back(Key(CodeChannel::kConstant, HashBytes(bytes.text().substr(0, width), 0x7AB)));
    // Copies of a short text load it as numbers.
    const std::uint8_t* const end = bytes.data() + width;
    const std::uint8_t* const text = std::find_if_not(bytes.data(), end, IsTextByte);
    if (text >= bytes.data() + kMinText && std::all_of(text, end, [](std::uint8_t b) { return b == 0; })) Typed(keys);
  }

  void Typed(const std::vector<std::uint64_t>& keys) {
    for (std::uint64_t key : keys)
      if (key != 0 && ChannelOf(key) != static_cast<unsigned>(CodeChannel::kText)) out_.typed.push_back(key);
  }

  // Texts that tables point to (class names of run-time type information, option tables) and that code reaches by
  // arithmetic only.
  void Texts() {
    for (const Stretch& stretch : WalkOnce(e_, [](const BinarySection& s) { return !s.executable; })) TextsOf(stretch, false);
    // Without section table, or with the linker's /MERGE, constants and code are one.
    for (const Stretch& stretch : WalkOnce(e_, [](const BinarySection& s) { return s.executable; })) TextsOf(stretch, true);
    for (const BinaryImport& import : e_.imports)
      out_.data.push_back(Key(CodeChannel::kImport, HashBytes(CommonImportName(import.name), 0x1A90)));
    Settle(out_.data);
  }

  void TextsOf(const Stretch& stretch, bool among_code) {
    const ByteView bytes = stretch.bytes();
    const std::uint8_t* const data = bytes.data();
    const std::size_t size = bytes.size();
    out_.text_bytes += size;
    for (std::size_t at = 0; at < size;) {
      std::size_t run = 0;
      while (at + run < size && IsTextByte(data[at + run])) ++run;
      // Most bytes begin no text of either width; only the others are worth a closer look.
      const bool wide = run == 1 && at + 2 < size && data[at + 1] == 0 && IsTextByte(data[at + 2]);
      std::size_t used = 0;
      if (run >= kMinDataText || wide) {
        const std::string text = TextAt(*bytes.Slice(at, size - at), used);
        if (text.size() >= kMinDataText && (!among_code || BetweenZeros(bytes, at, used)))
          out_.data.push_back(Key(CodeChannel::kData, HashBytes(text, 0x7E47)));
      }
      at += std::max({used, run, std::size_t{1}});
    }
  }

  void Callers() {
    const std::size_t n = out_.functions.size();
    out_.callers_first.assign(n + 1, 0);
    for (const CodeFunction& f : out_.functions)
      for (std::uint32_t callee : f.callees) ++out_.callers_first[callee + 1];
    for (std::size_t i = 0; i < n; ++i) out_.callers_first[i + 1] += out_.callers_first[i];
    out_.callers.resize(out_.callers_first[n]);
    std::vector<std::uint32_t> next(out_.callers_first.begin(), out_.callers_first.end() - 1);
    for (std::uint32_t i = 0; i < n; ++i)
      for (std::uint32_t callee : out_.functions[i].callees) out_.callers[next[callee]++] = i;
  }

  const Executable& e_;
  Decoder decoder_;
  ImportNames names_;
  FunctionBody body_;
  std::vector<std::uint16_t> mnemonics_;
  std::vector<DataUse> uses_;
  std::uint64_t features_left_ = 0, table_bytes_left_ = 0;
  std::size_t list_pairs_ = 0;  // of all tables so far
  std::uint64_t tables_skipped_ = 0, pairs_skipped_ = 0;
  // Stubs of AArch64 with pointer authentication and branch targets.
  const std::uint64_t most_stub_ = Decoder::IsX86(e_.architecture) ? 16 : 24;
  Program out_;
};

}  // namespace

std::string_view Name(CodeChannel channel) {
  constexpr std::array<std::string_view, kCodeChannels> kNames = {"function", "block",  "shape", "gram", "constant",
                                                                  "text",     "import", "table", "small", "data"};
  return kNames[static_cast<std::size_t>(channel)];
}

std::size_t Program::Find(std::uint64_t address) const {
  const auto at = std::lower_bound(functions.begin(), functions.end(), address,
                                   [](const CodeFunction& f, std::uint64_t a) { return f.address < a; });
  return at != functions.end() && at->address == address ? static_cast<std::size_t>(at - functions.begin()) : npos;
}

Program AnalyseProgram(const Executable& executable) { return Analysis(executable).Run(); }

}  // namespace ascribe
