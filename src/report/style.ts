/** One scale of sizes, one family for text and one for what is to be typed, and four colours, which mean states only. */
export const STYLE = `
:root{color-scheme:light dark;--page:#fff;--soft:#f6f7f9;--line:#dfe3e8;--ink:#1a2129;--quiet:#5b6673;
--ok:#1a7f4b;--bad:#c2362b;--warn:#96650a;--busy:#1f62b5;--off:#6b7683;--okSoft:#bfe3cf;--s:.8125rem;--m:.9375rem;--l:1.25rem;--xl:2rem}
@media(prefers-color-scheme:dark){:root{--page:#12161b;--soft:#1a2027;--line:#2e3741;--ink:#e6eaee;--quiet:#9aa6b2;
--ok:#4fbf85;--bad:#f27d70;--warn:#e0ad4c;--busy:#74aef5;--off:#93a0ad;--okSoft:#275a42}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0;background:var(--page);color:var(--ink);font:var(--m)/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;-webkit-text-size-adjust:100%}
main,footer{max-width:64rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
footer{padding-top:1rem;padding-bottom:3rem;color:var(--quiet);font-size:var(--s)}
h1,h2,h3,p,ul,pre{margin:0}
h1{font-size:var(--xl);line-height:1.2;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{font-size:var(--l);line-height:1.3;letter-spacing:-.01em;margin-bottom:.75rem}
h3{font-size:var(--m);margin:1.25rem 0 .375rem}
section{padding:2rem 0;border-top:1px solid var(--line)}
#topology{border:0;padding-top:1.5rem}
.quiet{color:var(--quiet);font-size:var(--s);font-weight:400}
.lead{color:var(--quiet);margin-bottom:.75rem;max-width:46rem}
.lead b{color:var(--ink);font-weight:600}
code,pre{font:var(--s)/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
a{color:inherit}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:1rem;font-size:var(--s)}
nav a{padding:.25rem 0;text-underline-offset:.25em;text-decoration-color:var(--line)}
.symbols{position:absolute}
.mark{width:1em;height:1em;flex:none;vertical-align:-.14em}
.ok{color:var(--ok)}.bad{color:var(--bad)}.warn{color:var(--warn)}.busy{color:var(--busy)}.off{color:var(--off)}
.fill{fill:currentColor}.cut{fill:none;stroke:var(--page);stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.ring{fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round}
.verdict{display:flex;gap:.625rem;align-items:flex-start;font-size:var(--l);line-height:1.4;margin:.75rem 0 .25rem;font-weight:600}
.verdict .mark{margin-top:.2em;width:1.1em;height:1.1em}
.verdict span{color:var(--ink);overflow-wrap:anywhere;min-width:0}
aside{margin-top:1.5rem;padding:1rem 1.25rem;background:var(--soft);border-left:4px solid var(--off);border-radius:0 8px 8px 0}
aside h2{font-size:var(--m);margin-bottom:.375rem}
aside ul{padding-left:1.1rem;overflow-wrap:anywhere}
#topology :is(.wide,.narrow,.fleet)>svg{display:block;width:100%;height:auto;font:13px system-ui,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
.narrow{display:none}
.card{fill:var(--soft);stroke:var(--line)}
.card.bad{stroke:var(--bad)}.card.off{stroke-dasharray:4 4}
.edge{fill:currentColor}
#topology text{fill:var(--ink)}
#topology text.quiet{fill:var(--quiet);font-size:12px}
.name{font-size:15px;font-weight:600}
.label{font-size:12px}
.link{fill:none;stroke:var(--quiet);stroke-width:1.6}
.link.ok{stroke:var(--ok)}.link.bad{stroke:var(--bad);stroke-dasharray:7 6}.link.off{stroke:var(--off);stroke-dasharray:2 5}
.tip{fill:var(--quiet)}
.pill{fill:var(--page);stroke:var(--line)}
.fleet .hub{max-width:21.25rem;margin:0 auto}
.fleet>p{text-align:center;margin:.25rem 0 1rem}
.tiles{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(7.5rem,1fr));gap:.375rem}
.tile{display:grid;grid-template-columns:auto 1fr;column-gap:.5rem;align-items:center;padding:.3rem .5rem;background:var(--soft);border-radius:6px;font-size:var(--s);line-height:1.35;min-width:0}
.tile .mark{grid-row:span 2}
.tile b{color:var(--ink);font-weight:500;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tile span{color:var(--quiet);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tile.bad{box-shadow:inset 0 0 0 1.5px var(--bad)}
.cause{padding:1rem 1.25rem;margin-bottom:.75rem;background:var(--soft);border-left:4px solid currentColor;border-radius:0 8px 8px 0}
.cause>*{color:var(--ink)}.cause>.quiet{color:var(--quiet)}.cause.bad .mark{color:var(--bad)}.cause.warn .mark{color:var(--warn)}
.cause h3{margin:0 0 .125rem;overflow-wrap:anywhere}
.cause p+p,.cause pre+p,.cause pre{margin-top:.5rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
.command{background:var(--page);border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-bottom:.75rem}
summary{cursor:pointer}
#checks>details{border-top:1px solid var(--line)}
#checks>details:last-child{border-bottom:1px solid var(--line)}
#checks>details>summary{display:flex;gap:.625rem;align-items:center;padding:.625rem 0;list-style:none}
#checks>details>summary::-webkit-details-marker{display:none}
#checks>details>summary::after{content:"";width:.45em;height:.45em;margin:0 .3em;border:solid var(--quiet);border-width:0 1.5px 1.5px 0;transform:rotate(45deg) translate(-2px,-2px)}
#checks>details[open]>summary::after{transform:rotate(225deg)}
summary .what{flex:1;font-weight:600}
summary .what::first-letter{text-transform:uppercase}
.count{font-variant-numeric:tabular-nums;color:var(--quiet);white-space:nowrap}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4375rem 1rem .4375rem 0;border-top:1px solid var(--line)}
thead th{border:0;color:var(--quiet);font-size:var(--s);font-weight:400;padding-bottom:.25rem}
tbody th{font-weight:400}
td:last-child,th:last-child{padding-right:0}
.checks{margin-bottom:1rem}
.checks td,.checks thead th+th{text-align:center;width:5.5rem;padding-right:0;padding-left:.5rem;overflow-wrap:anywhere}
.checks td.count{text-align:right;width:8rem}
.checks th[scope=row]{padding-left:1.625rem}
.remarks{list-style:none;padding:0;color:var(--quiet);font-size:var(--s);overflow-wrap:anywhere}
.chart{--what:19rem;--value:7.5rem}
.row{display:grid;grid-template-columns:var(--what) 1fr var(--value);column-gap:1rem;align-items:center;padding:.1875rem 0}
.certificates .row{padding:.4375rem 0;border-top:1px solid var(--line)}
.row .what{overflow-wrap:anywhere;min-width:0;line-height:1.35}
.line{background:var(--soft);border-radius:4px;height:.75rem;overflow:hidden}
.bar{display:block;height:100%;min-width:3px;border-radius:4px;background:var(--ok)}
.bar.bad{background:var(--bad)}.bar.warn{background:var(--warn)}.bar.busy{background:var(--busy)}
.bar.bad,.bar.busy{background-image:repeating-linear-gradient(135deg,transparent 0 4px,var(--page) 4px 5.5px)}
.value{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.until{grid-column:3;text-align:right;font-variant-numeric:tabular-nums}
.print{grid-column:1/3;grid-row:2;min-width:0}
.print ul{padding-left:1.1rem;color:var(--quiet);font-size:var(--s);overflow-wrap:anywhere}
.axis{display:grid;grid-template-columns:var(--what) 1fr var(--value);column-gap:1rem;position:sticky;top:0;background:var(--page);z-index:1}
.scale{grid-column:2;position:relative;height:1.75rem;color:var(--quiet);font-size:var(--s)}
.scale span{position:absolute;bottom:.125rem;transform:translateX(-50%);white-space:nowrap}
.scale span::after{content:"";position:absolute;left:50%;bottom:-.25rem;height:.3rem;border-left:1px solid var(--line)}
.scale .last{transform:translateX(-100%)}
.scale .last::after{left:auto;right:0}
.run .scale span:first-child{transform:none}
.run .scale span:first-child::after{left:0}
.zone{position:absolute;left:0;bottom:-.125rem;height:3px;background:var(--warn);border-radius:2px}
.run .line{height:.875rem}
.run h3{margin-top:1rem}
.error{grid-column:1/-1;color:var(--bad);font-size:var(--s);overflow-wrap:anywhere}
@media(max-width:44rem){
table{font-size:var(--s)}
main,footer{padding:0 1rem}header{padding-top:1.5rem}
:root{--xl:1.625rem}
.wide{display:none}.narrow{display:block;max-width:26rem;margin:0 auto}
.row,.axis{grid-template-columns:1fr auto;column-gap:.75rem}
.row .what{grid-column:1;grid-row:1}.row .value{grid-column:2;grid-row:1}
.row .line{grid-column:1/-1;grid-row:2;margin:.1875rem 0 .125rem}
.certificates .print{grid-column:1;grid-row:3}.until{grid-column:2;grid-row:3}
.scale{grid-column:1/-1}
.certificates .scale span:nth-of-type(odd){display:none}
.run .row{padding:.125rem 0}
.checks th[scope=row]{padding-left:0}.checks td,.checks thead th+th{width:auto}
.checks thead th+th{font-size:.75rem;white-space:nowrap;padding-left:.25rem}
}
@media print{.axis{position:static}section{break-inside:avoid-page}}
`;
