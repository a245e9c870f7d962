#include "ingest/host_names.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace ascribe {
namespace {

// ISO 3166 codes in use as endings, plus eu, su, uk, ac.
constexpr std::string_view kCountryTlds =
    " ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc "
    "cd "
    "cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge "
    "gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh "
    "ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw "
    "mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb "
    "sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk "
    "us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ";
constexpr std::string_view kGenericTlds =
    " com net org info biz edu gov mil int arpa name pro mobi asia tel cat coop aero xxx top xyz club online site "
    "website "
    "space tech store shop live life world today news blog cloud app dev page link click download stream win bid loan "
    "date "
    "trade party review racing science work men icu vip wang ren buzz host press fun guru email zone support services "
    "solutions systems network digital agency company center media software technology tools rocks ninja onion bit "
    "bazar "
    "monster cyou rest best one group run art love city team ltd llc inc security bar cam casa surf quest lol sbs cfd ";
// Endings that are file extensions or field names first: a plain name of two labels with one of them is a file.
constexpr std::string_view kDoubtfulTlds =
    " py sh pl md rs cc so ps ml pm mo la st as do am bz name id date host link page app email run one bit zip mov ";
// Extensions that are never a host, even when an author's tool defanged them.
constexpr std::string_view kFileExtensions =
    " dat doc docx docm xls xlsx xlsm ppt pptx pdf txt zip rar 7z gz tar log tmp ini cfg conf xml json html htm jpg "
    "jpeg "
    "png gif bmp ico bin exe dll sys scr bat cmd vbs js css php asp aspx jsp cab iso img hwp rtf lnk pdb csv yar bak ";
constexpr std::array<std::string_view, 5> kProductNames = {"asp.net", "vb.net", "ado.net", "ml.net", "paint.net"};
constexpr std::string_view kSecondLevel = " co com org net gov go ac edu or ne re mil gob gouv govt nic res ";

bool InList(std::string_view list, std::string_view word) {
  if (word.empty() || word.size() > 24) return false;
  const std::string padded = " " + AsciiLower(word) + " ";
  return list.find(padded) != std::string_view::npos;
}

bool HasUpper(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool HasLower(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}
bool AllLetters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

bool IsKnownTld(std::string_view label) {
  return (label.size() == 2 && InList(kCountryTlds, label)) || InList(kGenericTlds, label) ||
         (label.size() > 4 && StartsWithNoCase(label, "xn--"));
}

bool IsHostName(std::string_view host, bool defanged) {
  if (host.size() > 253) return false;
  const std::vector<std::string_view> labels = Split(host, '.');
  if (labels.size() < 2) return false;
  for (std::string_view label : labels)
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  const std::string_view tld = labels.back(), owner = labels[labels.size() - 2];
  if (InList(kFileExtensions, tld) || owner.find('_') != std::string_view::npos) return false;
  if (defanged) return IsKnownTld(tld) || (tld.size() >= 2 && tld.size() <= 24 && AllLetters(tld));
  if (!IsKnownTld(tld)) return false;
  // "the end.It", "System.IO": an ending in capitals belongs to a host only when all of it is in capitals.
  if (HasUpper(tld) && (HasLower(host))) return false;
  if (labels.size() == 2 && InList(kDoubtfulTlds, tld)) return false;
  if (owner.size() == 1 && labels.size() == 2 && tld.size() == 2) return false;  // "e.at", "p.la": abbreviations
  return std::find(kProductNames.begin(), kProductNames.end(), AsciiLower(host)) == kProductNames.end();
}

std::string RegistrableDomain(std::string_view host) {
  const std::string lower = AsciiLower(host);
  const std::vector<std::string_view> labels = Split(lower, '.');
  if (labels.size() <= 2) return lower;
  const bool country = labels.back().size() == 2 && InList(kSecondLevel, labels[labels.size() - 2]);
  const std::size_t keep = country ? 3 : 2;
  const std::string_view first = labels[labels.size() - std::min(keep, labels.size())];
  return lower.substr(static_cast<std::size_t>(first.data() - lower.data()));
}

std::string UrlHost(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view host = url.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (!host.empty() && host.front() == '[') return AsciiLower(host.substr(1, host.find(']') - 1));
  return AsciiLower(host.substr(0, host.find(':')));
}

}  // namespace ascribe
