#include "base/json_stream.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "base/sha256_stream.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) { return json.dump(1, ' ', true, Json::error_handler_t::replace); }

TEST(JsonStream, GivesTheBytesOfTheWholeDocument) {
  const Json inner = {{"text", "two\nlines, \"quotes\", \\ and \xC3\xA4"}, {"list", {1, 2.5, nullptr}}, {"none", Json::array()}, {"empty", Json::object()}};
  Json whole;
  whole["first"] = inner;
  whole["nothing"] = Json::array();
  whole["bare"] = Json::object();
  whole["many"] = Json::array();
  std::string text;
  std::size_t pieces = 0;
  const TextSink sink = [&](std::string_view piece) { text += piece, ++pieces; };
  JsonStream out(sink);
  out.OpenObject();
  out.Member("first", Dump(inner));
  out.OpenArray("nothing");
  out.Close();
  out.OpenObject("bare");
  out.Close();
  out.OpenArray("many");
  for (int i = 0; i < 5000; ++i) {
    Json item = i % 3 == 0 ? Json(i) : i % 3 == 1 ? Json({{"n", i}, {"in", inner}}) : Json::array({"\x01\n", i});
    whole["many"].push_back(item);
    out.Element(Dump(item));
  }
  out.Close();
  out.OpenObject("last");
  out.OpenArray("deep");
  out.Element(Dump(inner));
  whole["last"]["deep"].push_back(inner);
  out.Close();
  out.Close();
  out.Close();
  EXPECT_EQ(text, Dump(whole) + "\n");
  EXPECT_GT(pieces, 1U) << "it is not held whole";
}

TEST(Sha256Stream, PiecesDigestLikeTheWhole) {
  Sha256Stream nothing, pieces;
  EXPECT_EQ(nothing.Hex(), Sha256Hex(ByteView("")));
  pieces.Add("a");
  pieces.Add("");
  pieces.Add("bc");
  EXPECT_EQ(pieces.Hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ascribe
