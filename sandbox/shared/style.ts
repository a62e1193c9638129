// The style sheet of all rehearsal pages: a ledger's quiet look, light and dark, phone to desktop, one accent per system.

export const STYLE = `
:root { color-scheme: light dark;
  --ground: light-dark(#f2f4f1, #101314); --sheet: light-dark(#fdfefc, #171b1c); --raised: light-dark(#fff, #1f2425);
  --wash: light-dark(#eef0ec, #22282a); --ink: light-dark(#182022, #e7eae6); --ink-2: light-dark(#4a5456, #b3bbb8);
  --line: light-dark(#dde1dc, #2a3031); --edge: light-dark(#7d8886, #76817f); --rule: light-dark(#182022, #89928f);
  --good: light-dark(#1c6b46, #6fc699); --wait: light-dark(#845200, #e0ae55); --bad: light-dark(#a5281f, #f2958a);
  --wait-wash: light-dark(#f8efdc, #2d2413); --accent: light-dark(#23439b, #94acf4); --on-accent: light-dark(#fff, #0d1633);
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace }
.xero { --accent: light-dark(#0b6a86, #79c7de) }
.quickbooks { --accent: light-dark(#1f6e2c, #8acb94) }
.stripe { --accent: light-dark(#4b3fb5, #b3abf7) }
.mailbox { --accent: light-dark(#8a4413, #e2a679) }
*, ::before, ::after { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: .875rem/1.25rem system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif }
h1, h2, p, ul, dl, dd, fieldset { margin: 0; padding: 0 }
h1 { font: 600 1.5rem/2rem inherit; font-size: 1.5rem; line-height: 2rem; letter-spacing: -.012em; margin-bottom: 1rem; text-wrap: balance; overflow-wrap: anywhere }
h2 { font-size: 1rem; line-height: 1.5rem; margin: 2rem 0 .5rem }
a { color: inherit; text-decoration: underline 1px var(--edge); text-underline-offset: 3px }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.rehearsal { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .5rem 1.5rem .875rem; background: repeating-linear-gradient(115deg, var(--wait) 0 2px, transparent 2px 6px) 0 100% / 100% 6px no-repeat var(--wait-wash) }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; padding: .75rem 1.5rem; border-bottom: 1px solid var(--line); background: var(--sheet) }
.brand { font-weight: 600; color: var(--accent); text-decoration: none }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem }
nav a { color: var(--ink-2); text-decoration: none }
nav [aria-current] { color: var(--ink); font-weight: 600; box-shadow: 0 2px var(--accent) }
main { padding: 1.5rem; max-width: 78rem; margin: 0 auto }
.pay main { max-width: 26rem }
main > * + p, main > * + details, main > * + dl, main > * + .scroll { margin-top: .75rem }
main ul { padding-left: 1.25rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; border-top: 1px solid var(--rule); font-variant-numeric: tabular-nums lining-nums; background: var(--sheet) }
th { font-size: .75rem; font-weight: 400; color: var(--ink-2); text-align: left; white-space: nowrap }
th, td { padding: .5rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top }
tbody tr:hover { background: var(--wash) }
.money, td.money, th.money { text-align: right; white-space: nowrap }
.muted, .hint, small { color: var(--ink-2) }
small, .hint { font-size: .75rem }
code, pre { font-family: var(--mono); font-size: .75rem; overflow-wrap: anywhere }
pre { white-space: pre-wrap; background: var(--sheet); border: 1px solid var(--line); padding: 1rem; margin: 0 }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1rem 2rem; border-top: 1px solid var(--rule); padding: .75rem 0 0 }
.figures strong { display: block; font-size: 1.5rem; line-height: 2rem; font-variant-numeric: tabular-nums }
.due { font-size: 2.5rem; line-height: 3rem; font-weight: 600; font-variant-numeric: tabular-nums; margin-bottom: 1rem }
.good { color: var(--good) } .wait { color: var(--wait) } .bad { color: var(--bad) }
.notice { border-left: 3px solid var(--wait); background: var(--wait-wash); padding: .5rem .75rem; margin-bottom: 1rem }
.notice.wrong { border-color: var(--bad) }
.empty { border-top: 1px solid var(--rule); padding: 1.5rem 0; color: var(--ink-2) }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.5rem; border-top: 1px solid var(--rule); padding-top: .75rem }
dt { color: var(--ink-2) } dd { overflow-wrap: anywhere }
form { display: grid; gap: .75rem }
.inline, td form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center }
td form + form { margin-top: .25rem }
label { font-weight: 600; display: grid; gap: .25rem }
label.choice { display: flex; gap: .5rem; align-items: baseline; font-weight: 400 }
fieldset { border: 0; min-width: 0; display: grid; gap: .25rem }
legend { font-weight: 600; padding: 0; margin-bottom: .25rem }
input, select, textarea { font: inherit; font-weight: 400; color: var(--ink); background: var(--raised); border: 1px solid var(--edge); border-radius: 3px; padding: .25rem .5rem; min-height: 2.25rem; width: 100% }
input[type=radio], input[type=checkbox] { width: 1rem; height: 1rem; min-height: 0; accent-color: var(--accent); flex: none }
td input { width: 7rem; min-height: 1.75rem }
button { font: inherit; font-weight: 500; color: var(--ink); background: var(--raised); border: 1px solid var(--edge); border-radius: 3px; padding: .125rem .625rem; min-height: 1.75rem; cursor: pointer }
button:hover { border-color: var(--ink) }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); min-height: 3rem; width: 100% }
iframe { width: 100%; height: 44rem; border: 1px solid var(--line); background: #fff }
@media (max-width: 40rem) {
  main, header, .rehearsal { padding-left: 1rem; padding-right: 1rem }
  .fold thead { display: none }
  .fold tr { display: grid; padding: .5rem 0; border-bottom: 1px solid var(--line) }
  .fold td { border: 0; padding: .125rem .75rem; text-align: left; white-space: normal }
  .fold td[data-label]::before { content: attr(data-label) " "; color: var(--ink-2) }
  dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .5rem }
}
`;
