#include "store/ledger_rows.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ascribe {
namespace {

using sqlite::Database;
using sqlite::Statement;

// The numbers below are in files: a new enumerator goes to the end.
static_assert(static_cast<int>(Time::Precision::kYear) == 0 && static_cast<int>(Time::Precision::kSecond) == 3);
static_assert(static_cast<int>(Locator::Kind::kWhole) == 0 && static_cast<int>(Locator::Kind::kPage) == 5);
static_assert(static_cast<int>(Diagnostic::Severity::kInfo) == 0 &&
              static_cast<int>(Diagnostic::Severity::kError) == 2);
static_assert(static_cast<int>(Batch::Kind::kEvidence) == 0 && static_cast<int>(Batch::Kind::kKnowledge) == 1);
constexpr std::int64_t kLastLocatorKind = 5;
constexpr std::int64_t kLastSeverity = 2;

constexpr std::int64_t kMaxSeconds = std::int64_t{1} << 58;  // leaves room for the two bits of precision

// Fills one INSERT after the other. The first error sticks and is handed out by Take, so that rows read as lists of
// columns.
class Writer {
 public:
  Writer(Database& database, std::int64_t batch) : database_(database), batch_(batch) {}

  Status Open() {
    TRY_ASSIGN(text_, database_.Prepare("INSERT INTO text (batch, id, value) VALUES (?, ?, ?)"));
    return {};
  }
  Status Table(std::string_view sql) {
    TRY_ASSIGN(row_, database_.Prepare(sql));
    seq_ = 0;
    return {};
  }
  Writer& Row() {
    column_ = 0;
    return Int(batch_).Int(seq_++);
  }
  Status End() {
    TRY(std::exchange(status_, Status()));
    return row_.Run();
  }

  Writer& Int(std::int64_t value) {
    row_.BindInt(++column_, value);
    return *this;
  }
  Writer& Unsigned(std::uint64_t value) { return Int(std::bit_cast<std::int64_t>(value)); }
  Writer& Text(std::string_view text) {
    row_.BindText(++column_, text);
    return *this;
  }
  Writer& Moment(const std::optional<Time>& time) {
    if (!time) {
      row_.BindNull(++column_);
      return *this;
    }
    if (time->seconds > kMaxSeconds || time->seconds < -kMaxSeconds)
      status_ = Fail(ErrorCode::kInvalidInput, "a time beyond all calendars cannot be stored");
    return Int(status_ ? time->seconds * 4 + static_cast<std::int64_t>(time->precision) : 0);
  }
  Writer& Real(const std::optional<double>& number) {
    if (!number) {
      row_.BindNull(++column_);
      return *this;
    }
    if (!std::isfinite(*number))
      status_ = Fail(ErrorCode::kInvalidInput, "a confidence that is no number cannot be stored");
    row_.BindDouble(++column_, *number);
    return *this;
  }
  /// The number of a text within the batch; stored when it is new.
  Writer& Ref(std::string_view text) {
    const auto [it, is_new] = ids_.try_emplace(text, static_cast<std::int64_t>(ids_.size()));
    if (is_new && status_) status_ = text_.BindInt(1, batch_).BindInt(2, it->second).BindText(3, text).Run();
    return Int(it->second);
  }
  Writer& Place(const Locator& locator) {
    return Int(static_cast<std::int64_t>(locator.kind))
        .Unsigned(locator.offset)
        .Unsigned(locator.length)
        .Ref(locator.path);
  }

 private:
  Database& database_;
  const std::int64_t batch_;
  Statement text_, row_;
  std::unordered_map<std::string_view, std::int64_t> ids_;  // views into the batch, which outlives the writer
  Status status_;
  std::int64_t seq_ = 0;
  int column_ = 0;
};

Status WriteEvidence(Writer& writer, const Batch& batch) {
  TRY(writer.Table(
      "INSERT INTO evidence (batch, seq, sha256, name, size, media, parent, source, tlp, acquired_at, known_on,"
      " reader) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const Evidence& e : batch.evidence) {
    writer.Row().Text(e.sha256).Text(e.name).Unsigned(e.size).Text(e.media).Text(e.parent).Text(e.source);
    TRY(writer.Text(TlpName(e.tlp)).Moment(e.acquired_at).Moment(e.known_on).Text(e.reader).End());
  }
  return {};
}

Status WriteSources(Writer& writer, const Batch& batch) {
  TRY(writer.Table(
      "INSERT INTO source (batch, seq, id, title, publisher, url, published, reliability, credibility, origin,"
      " derived_from, inspectable) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const Source& s : batch.sources) {
    writer.Row().Text(s.id).Text(s.title).Text(s.publisher).Text(s.url).Moment(s.published);
    writer.Text(std::string_view(&s.grade.reliability, 1)).Int(s.grade.credibility).Text(s.origin).Text(s.derived_from);
    TRY(writer.Int(s.inspectable ? 1 : 0).End());
  }
  return {};
}

Status WriteFacts(Writer& writer, std::span<const Fact* const> facts) {
  TRY(writer.Table(
      "INSERT INTO fact (batch, seq, subject_type, subject, relation, object_type, object, valid_from, valid_to,"
      " known_on, retracted_on, source, origin, verified, statement, inspectable, confidence, note, evidence,"
      " extractor, loc_kind, loc_offset, loc_length, loc_path)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const Fact* fact : facts) {
    const Fact& f = *fact;
    writer.Row().Ref(EntityTypeName(f.subject.type)).Ref(f.subject.value).Ref(RelationName(f.relation));
    writer.Ref(EntityTypeName(f.object.type)).Ref(f.object.value);
    writer.Moment(f.valid_from).Moment(f.valid_to).Moment(f.known_on).Moment(f.retracted_on);
    writer.Ref(f.source).Ref(f.origin).Ref(VerificationName(f.verification)).Ref(StatementKindName(f.statement));
    writer.Int(f.inspectable ? 1 : 0).Real(f.confidence).Ref(f.note).Ref(f.evidence).Ref(f.extractor);
    TRY(writer.Place(f.locator).End());
  }
  return {};
}

Status WriteDiagnostics(Writer& writer, const Batch& batch) {
  TRY(writer.Table(
      "INSERT INTO diagnostic (batch, seq, severity, evidence, code, text, loc_kind, loc_offset, loc_length,"
      " loc_path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const Diagnostic& d : batch.diagnostics) {
    writer.Row().Int(static_cast<std::int64_t>(d.severity)).Ref(d.evidence).Ref(d.code).Ref(d.text);
    TRY(writer.Place(d.locator).End());
  }
  return {};
}

// Walks the columns of one SELECT; as with Writer, the first error sticks.
class Reader {
 public:
  Reader(Database& database, std::int64_t batch) : database_(database), batch_(batch) {}

  Status Open() {
    TRY_ASSIGN(Statement statement, database_.Prepare("SELECT id, value FROM text WHERE batch = ? ORDER BY id"));
    statement.BindInt(1, batch_);
    for (;;) {
      TRY_ASSIGN(const bool row, statement.Step());
      if (!row) return {};
      if (statement.Int(0) != static_cast<std::int64_t>(texts_.size())) return Broken("a text is missing");
      texts_.emplace_back(statement.Text(1));
    }
  }
  Status Table(std::string_view sql) {
    TRY_ASSIGN(row_, database_.Prepare(sql));
    row_.BindInt(1, batch_);
    return {};
  }
  Result<bool> Next() {
    TRY(status_);
    column_ = -1;
    return row_.Step();
  }

  std::int64_t Int() { return row_.Int(++column_); }
  std::uint64_t Unsigned() { return std::bit_cast<std::uint64_t>(Int()); }
  bool Bool() { return Int() != 0; }
  std::string Text() { return std::string(row_.Text(++column_)); }
  std::optional<Time> Moment() {
    if (row_.IsNull(++column_)) return std::nullopt;
    const std::int64_t value = row_.Int(column_);
    return Time{value >> 2, static_cast<Time::Precision>(value & 3)};
  }
  std::optional<double> Real() {
    if (row_.IsNull(++column_)) return std::nullopt;
    return row_.Double(column_);
  }
  const std::string& Ref() {
    const std::int64_t id = Int();
    if (id >= 0 && id < static_cast<std::int64_t>(texts_.size())) return texts_[static_cast<std::size_t>(id)];
    static const std::string kNone;
    if (status_) status_ = Broken("a row points to no text");
    return kNone;
  }
  /// A number that stands for an enumerator, at most `last`.
  template <typename Enum>
  Enum Number(std::int64_t last) {
    const std::int64_t value = Int();
    if (value >= 0 && value <= last) return static_cast<Enum>(value);
    Unknown(std::to_string(value));
    return Enum{};
  }
  /// A name that stands for an enumerator.
  template <typename Enum>
  Enum Name(std::string_view name, std::optional<Enum> (*parse)(std::string_view)) {
    if (const std::optional<Enum> value = parse(name)) return *value;
    Unknown(name);
    return Enum{};
  }
  Locator Place() {
    Locator locator;
    locator.kind = Number<Locator::Kind>(kLastLocatorKind);
    locator.offset = Unsigned();
    locator.length = Unsigned();
    locator.path = Ref();
    return locator;
  }

 private:
  tl::unexpected<Error> Broken(std::string_view what) {
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{}: batch {}: {}; restore the file from a copy, or add the batch again", database_.path(),
                            batch_, what));
  }
  void Unknown(std::string_view name) {
    if (status_)
      status_ =
          Fail(ErrorCode::kUnsupported, fmt::format("{}: batch {} speaks of \"{}\", which this version does not know",
                                                    database_.path(), batch_, name));
  }

  Database& database_;
  const std::int64_t batch_;
  Statement row_;
  std::vector<std::string> texts_;
  Status status_;
  int column_ = -1;
};

std::optional<StatementKind> AnyStatementKind(std::string_view name) {
  return name.empty() ? StatementKind::kNone : ParseStatementKind(name);
}

Status ReadEvidence(Reader& reader, Batch& batch) {
  TRY(
      reader.Table("SELECT sha256, name, size, media, parent, source, tlp, acquired_at, known_on, reader FROM evidence"
                   " WHERE batch = ? ORDER BY seq"));
  for (;;) {
    TRY_ASSIGN(const bool row, reader.Next());
    if (!row) return {};
    Evidence e;
    e.sha256 = reader.Text();
    e.name = reader.Text();
    e.size = reader.Unsigned();
    e.media = reader.Text();
    e.parent = reader.Text();
    e.source = reader.Text();
    e.tlp = reader.Name(reader.Text(), &ParseTlp);
    e.acquired_at = reader.Moment();
    e.known_on = reader.Moment();
    e.reader = reader.Text();
    batch.evidence.push_back(std::move(e));
  }
}

Status ReadSources(Reader& reader, Batch& batch) {
  TRY(reader.Table(
      "SELECT id, title, publisher, url, published, reliability, credibility, origin, derived_from, inspectable"
      " FROM source WHERE batch = ? ORDER BY seq"));
  for (;;) {
    TRY_ASSIGN(const bool row, reader.Next());
    if (!row) return {};
    Source s;
    s.id = reader.Text();
    s.title = reader.Text();
    s.publisher = reader.Text();
    s.url = reader.Text();
    s.published = reader.Moment();
    const std::string reliability = reader.Text();
    s.grade.reliability = reliability.size() == 1 ? reliability[0] : '?';  // the digest of the batch says the rest
    s.grade.credibility = static_cast<std::uint8_t>(reader.Int());
    s.origin = reader.Text();
    s.derived_from = reader.Text();
    s.inspectable = reader.Bool();
    batch.sources.push_back(std::move(s));
  }
}

Status ReadFacts(Reader& reader, Batch& batch) {
  TRY(reader.Table(
      "SELECT subject_type, subject, relation, object_type, object, valid_from, valid_to, known_on, retracted_on,"
      " source, origin, verified, statement, inspectable, confidence, note, evidence, extractor, loc_kind,"
      " loc_offset, loc_length, loc_path FROM fact WHERE batch = ? ORDER BY seq"));
  for (;;) {
    TRY_ASSIGN(const bool row, reader.Next());
    if (!row) return {};
    Fact& f = batch.facts.emplace_back();
    f.subject.type = reader.Name(reader.Ref(), &ParseEntityType);
    f.subject.value = reader.Ref();
    f.relation = reader.Name(reader.Ref(), &ParseRelation);
    f.object.type = reader.Name(reader.Ref(), &ParseEntityType);
    f.object.value = reader.Ref();
    f.valid_from = reader.Moment();
    f.valid_to = reader.Moment();
    f.known_on = reader.Moment();
    f.retracted_on = reader.Moment();
    f.source = reader.Ref();
    f.origin = reader.Ref();
    f.verification = reader.Name(reader.Ref(), &ParseVerification);
    f.statement = reader.Name(reader.Ref(), &AnyStatementKind);
    f.inspectable = reader.Bool();
    f.confidence = reader.Real();
    f.note = reader.Ref();
    f.evidence = reader.Ref();
    f.extractor = reader.Ref();
    f.locator = reader.Place();
  }
}

Status ReadDiagnostics(Reader& reader, Batch& batch) {
  TRY(
      reader.Table("SELECT severity, evidence, code, text, loc_kind, loc_offset, loc_length, loc_path FROM diagnostic"
                   " WHERE batch = ? ORDER BY seq"));
  for (;;) {
    TRY_ASSIGN(const bool row, reader.Next());
    if (!row) return {};
    Diagnostic d;
    d.severity = reader.Number<Diagnostic::Severity>(kLastSeverity);
    d.evidence = reader.Ref();
    d.code = reader.Ref();
    d.text = reader.Ref();
    d.locator = reader.Place();
    batch.diagnostics.push_back(std::move(d));
  }
}

}  // namespace

Status WriteRows(Database& database, std::int64_t id, const Batch& batch, std::span<const Fact* const> facts) {
  Writer writer(database, id);
  TRY(writer.Open());
  TRY(WriteEvidence(writer, batch));
  TRY(WriteSources(writer, batch));
  TRY(WriteFacts(writer, facts));
  return WriteDiagnostics(writer, batch);
}

Status ReadRows(Database& database, std::int64_t id, Batch& batch) {
  Reader reader(database, id);
  TRY(reader.Open());
  TRY(ReadEvidence(reader, batch));
  TRY(ReadSources(reader, batch));
  TRY(ReadFacts(reader, batch));
  return ReadDiagnostics(reader, batch);
}

}  // namespace ascribe
