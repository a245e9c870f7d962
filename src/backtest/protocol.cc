#include "backtest/protocol.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace ascribe::backtest {
namespace {

struct Civil {
  int year = 0;
  unsigned month = 0;
};

Civil CivilOf(Date day) {
  const std::string text = day.ToString();  // YYYY-MM-DD
  Civil civil;
  std::from_chars(text.data(), text.data() + 4, civil.year);
  std::from_chars(text.data() + 5, text.data() + 7, civil.month);
  return civil;
}

}  // namespace

int YearOf(Date day) { return CivilOf(day).year; }

std::optional<Date> TestDay(const Report& report) {
  const Civil civil = CivilOf(report.date);
  switch (report.precision) {
    case DatePrecision::kDay:
    case DatePrecision::kCommit:
      return report.date;
    case DatePrecision::kMonth:
      return Date::FromCivil(civil.year, civil.month, 1);
    case DatePrecision::kYear:
      break;
  }
  return std::nullopt;
}

Date KnownDay(const Report& report) {
  const Civil civil = CivilOf(report.date);
  switch (report.precision) {
    case DatePrecision::kDay:
    case DatePrecision::kCommit:
      break;
    case DatePrecision::kMonth:
      return Date{
          (civil.month == 12 ? Date::FromCivil(civil.year + 1, 1, 1) : Date::FromCivil(civil.year, civil.month + 1, 1))
              .days -
          1};
    case DatePrecision::kYear:
      return Date::FromCivil(civil.year, 12, 31);
  }
  return report.date;
}

bool InTrack(const Report& report, Track track) {
  switch (track) {
    case Track::kCore:
      return report.source != "maltrail";
    case Track::kMaltrail:
      return report.source == "maltrail";
    case Track::kAttack:
      break;
  }
  return true;
}

Timeline MakeTimeline(const Corpus& corpus, const std::vector<Items>& items, const ReplaySettings& settings) {
  Timeline timeline;
  for (std::size_t i = 0; i < corpus.reports.size(); ++i)
    if (InTrack(corpus.reports[i], settings.track)) timeline.reports.push_back(i);
  const auto by = [&](auto day) {
    return [&corpus, day](std::size_t a, std::size_t b) {
      const auto left = day(corpus.reports[a]), right = day(corpus.reports[b]);
      return left != right ? left < right : corpus.reports[a].id < corpus.reports[b].id;
    };
  };
  timeline.by_known_day = timeline.reports;
  std::sort(timeline.by_known_day.begin(), timeline.by_known_day.end(), by(KnownDay));
  std::vector<std::size_t> candidates;
  for (const std::size_t i : timeline.reports) {
    const Report& report = corpus.reports[i];
    if (!report.actor.empty() && report.rereport_of.empty() && !items[i].empty() && TestDay(report))
      candidates.push_back(i);
  }
  std::sort(candidates.begin(), candidates.end(), by(TestDay));

  // First day on which each actor is known; an actor is known on day t with gap g when that day is before t - g.
  std::map<std::string, Date> first_known;
  for (const std::size_t i : timeline.by_known_day)
    if (!corpus.reports[i].actor.empty()) first_known.try_emplace(corpus.reports[i].actor, KnownDay(corpus.reports[i]));
  std::map<int, std::size_t> per_year;
  for (const std::size_t i : candidates) {
    const Report& report = corpus.reports[i];
    Test test;
    test.report = i;
    test.day = *TestDay(report);
    for (const auto& [actor, day] : first_known) test.actors += day < test.day;
    if (test.actors < settings.least_actors) continue;
    test.known = first_known.at(report.actor).days < test.day.days - settings.gap_days;
    timeline.tests.push_back(test);
    ++per_year[YearOf(test.day)];
  }
  std::size_t earlier = 0;
  for (const auto& [year, count] : per_year) {
    if (earlier >= settings.least_earlier) {
      timeline.first_year = year;
      break;
    }
    earlier += count;
  }
  return timeline;
}

}  // namespace ascribe::backtest
