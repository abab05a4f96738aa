import { html, type Html } from './html.js';

/** ok: it holds. bad: it does not. warn: it does not, and that is no reason to fail. off: nothing is known. busy: it is in progress. */
export type Tone = 'ok' | 'bad' | 'warn' | 'off' | 'busy';

/** One shape for each state, so that it can be told without colour. */
export const symbols: Html = html`<svg width="0" height="0" aria-hidden="true" class="symbols">
  <symbol id="ok" viewBox="0 0 16 16">
    <circle cx="8" cy="8" r="7" class="fill" />
    <path d="M4.6 8.3l2.3 2.3 4.5-5" class="cut" />
  </symbol>
  <symbol id="bad" viewBox="0 0 16 16">
    <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" class="fill" />
    <path d="M5.5 5.5l5 5m0-5l-5 5" class="cut" />
  </symbol>
  <symbol id="warn" viewBox="0 0 16 16">
    <path d="M8 1.2l7 13.3H1z" class="fill" />
    <path d="M8 6v4m0 1.9v.1" class="cut" />
  </symbol>
  <symbol id="off" viewBox="0 0 16 16">
    <circle cx="8" cy="8" r="6.2" class="ring" />
    <path d="M5 8h6" class="ring" />
  </symbol>
  <symbol id="busy" viewBox="0 0 16 16">
    <circle cx="8" cy="8" r="6.2" class="ring" />
    <path d="M8 4.5V8l2.5 1.5" class="ring" />
  </symbol>
</svg>`;

/** The shape, and what it says for those who do not see it. */
export const mark = (tone: Tone, says: string): Html =>
  html`<svg class="mark ${tone}" role="img" aria-label="${says}"><use href="#${tone}" /></svg>`;

/** The shape beside a text that says the same. */
export const bareMark = (tone: Tone): Html =>
  html`<svg class="mark ${tone}" aria-hidden="true"><use href="#${tone}" /></svg>`;
