import fc from 'fast-check';
import { attribute, escaped, type Html, html, join, raw } from '../../../src/identity/pages/html.ts';

/** What a browser makes of the text between tags, or of an attribute's value. */
const read = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '`', '=', 'a', '\0', '&lt;', '<!--', ']]>') }),
);

describe('html', () => {
  it('lets no text leave the place it was put into', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { text: made } = html`<p title="${text}">${text}</p>`;
        expect(made.match(/[<>"']/g)).toEqual(['<', '"', '"', '>', '<', '>']);
        expect(made).not.toContain('\0');
        expect(made.isWellFormed()).toBe(true);
      }),
    );
  });

  it('loses nothing that HTML can carry', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(read(escaped(text))).toBe(text.replaceAll('\0', '\uFFFD').toWellFormed());
      }),
    );
  });

  it('escapes once, however deep the templates are nested', () => {
    fc.assert(
      fc.property(anything, fc.nat(5), (text, depth) => {
        let piece: Html = html`${text}`;
        for (let i = 0; i < depth; i++) piece = html`${[piece]}`;
        expect(piece.text).toBe(escaped(text));
      }),
    );
  });

  it('joins lists, and leaves out what is absent', () => {
    expect(html`<ul>${['a', '<', 3].map((one) => html`<li>${one}</li>`)}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;</li><li>3</li></ul>',
    );
    expect(html`[${null}${undefined}${false}${''}${[null, ['x']]}]`.text).toBe('[x]');
    expect(join([html`<b>`, '<']).text).toBe('<b>&lt;');
  });

  it('takes an object of the same shape for no piece of HTML', () => {
    const forged = JSON.parse('{"text":"<script>"}') as never;
    expect(() => html`${forged}`).toThrow();
  });

  it('has attributes without values, and HTML of our own', () => {
    expect(html`<input ${attribute(true, 'required')} ${attribute(false, 'checked')}>`.text).toBe('<input required >');
    expect(html`${raw('<hr>')}`.text).toBe('<hr>');
  });
});
