#include "serve/page.h"

#include <fmt/format.h>

#include "base/sha256.h"
#include "base/text.h"
#include "serve/http.h"

namespace ascribe::serve {
namespace {

constexpr std::string_view kStyle = R"(
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--dim:#59636e;--line:#d1d9e0;--lead:#0a5bd3;--unk:#b45309;--rest:#e3e8ee}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--dim:#9198a1;--line:#3d444d;--lead:#4c9aff;--unk:#f0a54b;--rest:#2a313a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:2rem auto;max-width:60rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.5rem;border-bottom:1px solid var(--line);vertical-align:top}
svg{width:12rem;height:.8rem;display:block}.rest{fill:var(--rest)}.lead{fill:var(--lead)}.unk{fill:var(--unk)}
.dim{color:var(--dim);font-size:.9rem}.badge{border:1px solid var(--unk);color:var(--unk);border-radius:.3rem;padding:0 .3rem;font-size:.85rem;white-space:nowrap}
form{border:2px dashed var(--line);border-radius:.5rem;padding:1rem;margin-top:1rem}form.over{border-color:var(--lead)}
label{display:block;margin:.4rem 0}input,select,button{font:inherit}a{color:var(--lead)}
progress{width:100%}pre{white-space:pre-wrap}
)";

constexpr std::string_view kScript = R"JS(
'use strict';
const say = text => { document.getElementById('status').textContent = text; };
const send = async (method, path, body, type, extra) => {
  const headers = Object.assign({'X-Ascribe-Csrf': '1'}, extra || {});
  if (type) headers['Content-Type'] = type;
  const answer = await fetch(path, {method, body, headers, credentials: 'same-origin', redirect: 'error'});
  if (answer.status === 204) return {};
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.detail || answer.statusText);
  return json;
};
const watch = job => {
  const bar = document.getElementById('bar');
  const source = new EventSource('/api/v1/jobs/' + encodeURIComponent(job) + '/events');
  bar.hidden = false;
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) say('progress cannot be shown; reload this page later'); };
  source.addEventListener('progress', event => {
    const state = JSON.parse(event.data);
    if (state.total > 0) { bar.max = state.total; bar.value = state.done; } else { bar.removeAttribute('value'); }
    say(state.case + ': ' + (state.state === 'queued' ? 'waiting, ' + state.ahead + ' before it' : state.step));
  });
  source.addEventListener('done', event => {
    source.close();
    const state = JSON.parse(event.data);
    bar.hidden = true;
    if (state.error) say(state.case + ': ' + state.error); else location.reload();
  });
};
const investigate = async id => {
  const job = await send('POST', '/api/v1/cases/' + encodeURIComponent(id) + '/investigate', '');
  watch(job.id);
};
const guard = work => work.catch(error => say(String(error.message || error)));
for (const button of document.querySelectorAll('button[data-case]'))
  button.addEventListener('click', () => guard(investigate(button.dataset.case)));
const signIn = document.getElementById('sign-in');
if (signIn) signIn.addEventListener('submit', event => {
  event.preventDefault();
  guard(send('POST', '/api/v1/session', '', '', {'Authorization': 'Bearer ' + document.getElementById('token').value})
    .then(() => location.reload()));
});
const form = document.getElementById('new');
if (form) {
  const picker = document.getElementById('files');
  let files = [];
  const show = list => { files = Array.from(list); say(files.length + ' files chosen'); };
  picker.addEventListener('change', () => show(picker.files));
  form.addEventListener('dragover', event => { event.preventDefault(); form.classList.add('over'); });
  form.addEventListener('dragleave', () => form.classList.remove('over'));
  form.addEventListener('drop', event => {
    event.preventDefault();
    form.classList.remove('over');
    show(event.dataTransfer.files);
  });
  const run = async () => {
    const value = name => document.getElementById(name).value;
    const made = await send('POST', '/api/v1/cases',
      JSON.stringify({id: value('id'), title: value('title'), incident: value('incident'), tlp: value('tlp')}), 'application/json');
    for (let i = 0; i < files.length; ++i) {
      say('uploading ' + (i + 1) + ' of ' + files.length + ': ' + files[i].name);
      await send('PUT', '/api/v1/cases/' + encodeURIComponent(made.id) + '/evidence/' + encodeURIComponent(files[i].name), files[i],
        'application/octet-stream');
    }
    await investigate(made.id);
  };
  form.addEventListener('submit', event => { event.preventDefault(); guard(run()); });
}
)JS";

std::string HashSource(std::string_view text) {
  const std::string hex = Sha256Hex(text);
  std::string raw;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return "'sha256-" + Base64(raw) + "'";
}

std::string Page(std::string_view body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\">"
      "<title>ascribe: cases</title><style>{}</style></head>\n<body>\n{}\n<script>{}</script></body></html>\n",
      kStyle, body, kScript);
}

// Never 0 or 100: nothing is.
std::string Percent(double p) {
  if (p < 0.01) return "&lt;1 %";
  if (p > 0.99) return "&gt;99 %";
  return fmt::format("{:.0f} %", p * 100);
}

std::string Bar(const CaseSummary& c) {
  const double lead = c.leader_posterior * 100, unknown = c.unknown * 100;
  return fmt::format(
      "<svg viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{0} {1}, unknown {2}\"><rect "
      "class=\"rest\" width=\"100\" "
      "height=\"6\"/><rect class=\"lead\" width=\"{3:.2f}\" height=\"6\"/><rect class=\"unk\" x=\"{4:.2f}\" "
      "width=\"{5:.2f}\" height=\"6\"/></svg>"
      "<span class=\"dim\">{0} {1} · unknown {2}</span>",
      c.leader.empty() ? "nobody named" : HtmlSafe(c.leader), Percent(c.leader_posterior), Percent(c.unknown), lead,
      100 - unknown, unknown);
}

std::string Row(const CaseSummary& c, bool read_only) {
  const std::string id = HtmlSafe(c.id);  // plain characters only; escaped all the same
  const bool assessed = c.state == CaseSummary::State::kAssessed;
  std::string name = HtmlSafe(c.title.empty() ? c.id : Ellipsize(c.title, 200));
  if (c.report) name = fmt::format("<a href=\"/cases/{}/report.html\">{}</a>", id, name);
  std::string links;
  if (assessed)
    links = fmt::format(
        "<a href=\"/api/v1/cases/{0}/report.txt\">report</a> <a href=\"/api/v1/cases/{0}\">assessment</a>", id);
  if (c.intake && !read_only)
    links += fmt::format(" <button type=\"button\" data-case=\"{}\">investigate</button>", id);
  std::string verdict = assessed                              ? Bar(c)
                        : c.state == CaseSummary::State::kNew ? "not investigated yet"
                                                              : "assessment.json cannot be read";
  if (c.stale.value_or(false)) verdict += " <span class=\"badge\">stale: knowledge changed</span>";
  return fmt::format(
      "<tr><td>{}<br><span class=\"dim\">{}</span></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", name, id,
      verdict, HtmlSafe(Ellipsize(c.tlp, 40)),
      c.as_of.empty() ? std::string(assessed ? "everything known" : "") : HtmlSafe(Ellipsize(c.as_of, 40)), links);
}

constexpr std::string_view kForm = R"(<h2>New case</h2>
<form id="new">
<label>Id <input id="id" required maxlength="64" pattern="[A-Za-z0-9_\-][A-Za-z0-9._\-]*"></label>
<label>Title <input id="title" required maxlength="200"></label>
<label>Day of the incident <input id="incident" type="date" required></label>
<label>TLP <select id="tlp"><option>CLEAR</option><option>GREEN</option><option selected>AMBER</option><option>AMBER+STRICT</option><option>RED</option></select></label>
<label>Evidence: drop files here or <input id="files" type="file" multiple></label>
<button>Upload and investigate</button>
</form>)";

constexpr std::string_view kStatus =
    "<p id=\"status\" role=\"status\" aria-live=\"polite\"></p><progress id=\"bar\" hidden></progress>";

}  // namespace

std::string CasesPage(const std::vector<CaseSummary>& cases, bool read_only) {
  std::string rows;
  for (const CaseSummary& c : cases) rows += Row(c, read_only);
  if (rows.empty()) rows = "<tr><td colspan=\"5\">No case yet.</td></tr>";
  return Page(
      fmt::format("<h1>ascribe: cases</h1>\n<table><thead><tr><th>Case</th><th>Verdict</th><th>TLP</th><th>As "
                  "of</th><th></th></tr></thead><tbody>\n{}"
                  "</tbody></table>\n{}{}",
                  rows, read_only ? "<p class=\"dim\">Read only.</p>" : kForm, kStatus));
}

std::string SignInPage() {
  return Page(std::string("<h1>ascribe</h1><form id=\"sign-in\"><label>Token <input id=\"token\" type=\"password\" "
                          "required autocomplete=\"off\"></label>"
                          "<button>Open</button></form>") +
              std::string(kStatus));
}

const std::string& PageCsp() {
  static const std::string kCsp = fmt::format(
      "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      HashSource(kStyle), HashSource(kScript));
  return kCsp;
}

}  // namespace ascribe::serve
