// The paper on which every page of Rehearsal QuickBooks is printed: one style sheet, no scripts, nothing from another host.
import { type Fragment, html, Markup } from './html';

const STYLE = `
:root{color-scheme:light;--ground:#f2f4f1;--sheet:#fdfefc;--wash:#eef0ec;--ink:#182022;--ink-2:#4a5456;--line:#dde1dc;--line-2:#bcc4be;--edge:#7d8886;--accent:#23439b;--on-accent:#fff;--red:#a5281f;--green:#1c6b46;--amber:#845200;--red-wash:#faeae7}
@media(prefers-color-scheme:dark){:root{color-scheme:dark;--ground:#101314;--sheet:#171b1c;--wash:#22282a;--ink:#e7eae6;--ink-2:#b3bbb8;--line:#2a3031;--line-2:#414a4b;--edge:#76817f;--accent:#94acf4;--on-accent:#0d1633;--red:#f2958a;--green:#6fc699;--amber:#e0ae55;--red-wash:#331b19}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:.875rem/1.25rem system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.rehearsal{background:var(--ink);color:var(--sheet);padding:.375rem 1.5rem;font-size:.75rem}
header{padding:1rem 1.5rem .5rem;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline;max-width:76rem;margin:auto}
header b{font-size:1rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}
a{color:inherit;text-decoration-color:var(--line-2);text-underline-offset:3px}a:hover{text-decoration-color:currentColor}
a[aria-current]{font-weight:600;text-decoration:none}
main{max-width:76rem;margin:0 auto 3rem;background:var(--sheet);border:1px solid var(--line);padding:1.5rem}
h1{font:600 1.5rem/2rem inherit;font-size:1.5rem;line-height:2rem;margin:0 0 1rem}h2{font-size:1rem;line-height:1.5rem;margin:2rem 0 .5rem;border-top:1px solid var(--ink);padding-top:.5rem}
p{max-width:66ch}small,.hint{font-size:.75rem;color:var(--ink-2)}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{font-size:.75rem;font-weight:400;color:var(--ink-2);text-align:left;border-bottom:1px solid var(--ink);padding:.25rem .75rem .25rem 0;white-space:nowrap}
td{border-bottom:1px solid var(--line);padding:.5rem .75rem .5rem 0;vertical-align:top}
tfoot td{border-top:1px solid var(--ink);border-bottom:3px double var(--line-2);font-weight:600}
.money{text-align:right;white-space:nowrap;padding-right:0}th.money{padding-right:0}td.money+td,th.money+th{padding-left:1.25rem}
.date{white-space:nowrap}
tr:hover td{background:var(--wash)}
.void{color:var(--ink-2);text-decoration:line-through}.paid{color:var(--green)}.late{color:var(--amber)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem;margin:0}dt{color:var(--ink-2)}dd{margin:0}
form{margin:.75rem 0}form.inline{display:inline-flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin:.25rem 1rem .25rem 0}
fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:end}
label{display:flex;flex-direction:column;gap:.25rem;font-size:.75rem;color:var(--ink-2)}label.row{flex-direction:row;align-items:center;font-size:.875rem;color:var(--ink);padding:.375rem 0}
input,select{font:inherit;font-size:.875rem;color:var(--ink);background:var(--sheet);border:1px solid var(--edge);border-radius:3px;min-height:2.25rem;padding:0 .5rem;max-width:100%}
input[type=radio]{min-height:0}
button{font:inherit;min-height:2.25rem;padding:0 .875rem;border:1px solid var(--edge);border-radius:3px;background:none;color:inherit;cursor:pointer}
button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.refused{background:var(--red-wash);border-left:3px solid var(--red);padding:.5rem .75rem;margin:0 0 1rem}
.consent{max-width:30rem;margin:3rem auto}.consent ul{padding-left:1.25rem}.actions{display:flex;gap:.75rem;margin-top:1rem}
.figures{display:flex;flex-wrap:wrap;gap:1rem 3rem;margin:0 0 1rem}.figures div{min-width:8rem}.figures b{display:block;font-size:1.25rem;line-height:1.75rem;font-variant-numeric:tabular-nums}
`;

export type Paper = {
  readonly title: string;
  readonly heading?: Fragment;
  readonly nav?: Fragment;
  readonly body: Fragment;
};

export const paper = ({ title, heading, nav, body }: Paper): string =>
  html`<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Rehearsal QuickBooks</title><style>${new Markup(STYLE)}</style></head>
<body><div class="rehearsal">Rehearsal QuickBooks. These books are not real, and neither is the money in them.</div>
<header><b>${heading ?? 'Rehearsal QuickBooks'}</b><nav aria-label="Books">${nav}</nav></header>
<main>${body}</main></body></html>`.text;
