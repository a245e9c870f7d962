#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ascribe {

/// Maps positions of a rewritten text back to the bytes it was made from. Between edits the two run in parallel, so the
/// map costs memory only where something was replaced. Edits are added in ascending order.
class OffsetMap {
 public:
  /// [in, in + in_length) of the original became [out, out + out_length) of the rewritten text.
  void Add(std::size_t out, std::size_t out_length, std::size_t in, std::size_t in_length) {
    if (!edits_.empty() && out_length == 0) {  // runs of removed tags are one removal
      Edit& last = edits_.back();
      if (last.out == out && last.out_length == 0 && last.in + last.in_length == in) {
        last.in_length += in_length;
        return;
      }
    }
    edits_.push_back({out, out_length, in, in_length});
  }

  /// Original position at which the rewritten byte `out` begins.
  [[nodiscard]] std::size_t Begin(std::size_t out) const {
    const Edit* edit = Before(out);
    if (edit == nullptr) return out;
    if (out < edit->out + edit->out_length) return edit->in;
    return edit->in + edit->in_length + (out - edit->out - edit->out_length);
  }

  /// Original position just after the rewritten bytes that end before `out`; `out` must be at least 1.
  [[nodiscard]] std::size_t End(std::size_t out) const {
    const Edit* edit = Before(out - 1);
    if (edit != nullptr && out - 1 < edit->out + edit->out_length) return edit->in + edit->in_length;
    return Begin(out - 1) + 1;
  }

  /// True when some byte of [begin, end) is the outcome of an edit.
  [[nodiscard]] bool Touches(std::size_t begin, std::size_t end) const {
    const auto first = std::partition_point(edits_.begin(), edits_.end(),
                                            [&](const Edit& e) { return e.out + e.out_length <= begin; });
    return first != edits_.end() && first->out < end;
  }

  [[nodiscard]] bool empty() const { return edits_.empty(); }

 private:
  struct Edit {
    std::size_t out, out_length, in, in_length;
  };
  [[nodiscard]] const Edit* Before(std::size_t out) const {
    const auto after = std::partition_point(edits_.begin(), edits_.end(), [&](const Edit& e) { return e.out <= out; });
    return after == edits_.begin() ? nullptr : &*(after - 1);
  }
  std::vector<Edit> edits_;
};

}  // namespace ascribe
