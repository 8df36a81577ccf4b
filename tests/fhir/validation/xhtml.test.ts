import fc from 'fast-check';
import { xhtmlFault } from '../../../src/fhir/validation/xhtml.ts';

const NS = 'xmlns="http://www.w3.org/1999/xhtml"';
const div = (content: string) => `<div ${NS}>${content}</div>`;

describe('a narrative may have basic formatting', () => {
  test.each([
    ['text', div('港診療所')],
    ['white space around it', ` \n${div('x')}\n`],
    [
      'single quotes and attributes of the div',
      `<div lang='ja' xml:lang="ja" class="a" xmlns='http://www.w3.org/1999/xhtml'>x</div>`,
    ],
    ['white space in tags', `<div\n ${NS}\n >x<br\n/></div >`],
    [
      'formatting',
      div(
        '<h1>a</h1><p style="color: red">b <b>c</b><i>d</i><br/><span title="x">e</span></p><hr/><ul><li>f</li></ul><pre>g</pre>',
      ),
    ],
    [
      'a table',
      div(
        '<table border="1"><thead><tr><th colspan="2">a</th></tr></thead><tbody><tr><td rowspan="1">b</td><td>c</td></tr></tbody></table>',
      ),
    ],
    [
      'links',
      div(
        '<a href="https://example.org/?a=1&amp;b=2">a</a><a href="#b" name="c">b</a><a href="mailto:a@example.org">c</a><a href="Patient/1">d</a>',
      ),
    ],
    ['an image and no text', div('<img src="#photo" alt=""/>')],
    ['a small picture inside', div('<img src="data:image/png;base64,iVBORw0KGgo="/>')],
    ['a picture in a style', div('<p style="background: url(data: image/png;base64,iVBORw0KGgo=)">x</p>')],
    ['entities', div('a &lt; b &amp;&#38;&#x26; c &nbsp;&copy;')],
    ['comments', div('<!-- a < b & c -->x')],
    ['an empty element written out', div('x<br></br>')],
    ['a nested div that repeats the namespace', div(`<div ${NS}>x</div>`)],
    ['200 levels', div(`${'<div>'.repeat(199)}x${'</div>'.repeat(199)}`)],
  ])('%s', (_, text) => expect(xhtmlFault(text)).toBeUndefined());
});

describe('and nothing else', () => {
  test.each([
    ['no string', 1],
    ['null', null],
    ['nothing', ''],
    ['white space', '  '],
    ['text alone', 'x'],
    ['no namespace', '<div>x</div>'],
    ['another namespace', '<div xmlns="http://www.w3.org/2000/svg">x</div>'],
    ['another namespace inside', div('<p xmlns="http://www.w3.org/2000/svg">x</p>')],
    ['another root', `<p ${NS}>x</p>`],
    ['divx', `<divx ${NS}>x</divx>`],
    ['text before', `a${div('x')}`],
    ['text after', `${div('x')}a`],
    ['two divs', `${div('x')}${div('y')}`],
    ['no content', div('')],
    ['white space for content', div(' \n<p></p>&#x20;'.replace('&#x20;', ''))],
    ['an empty div', `<div ${NS}/>`],
    ['unclosed', `<div ${NS}><p>x</div>`],
    ['crossed', div('<b><i>x</b></i>')],
    ['closed twice', `${div('x')}</div>`],
    ['never closed', `<div ${NS}>x`],
    ['a bare <', div('a < b')],
    ['a bare &', div('a & b')],
    ['a bad entity', div('&#xZZ;')],
    ['an unquoted attribute', div('<p class=a>x</p>')],
    ['an attribute without value', div('<p hidden>x</p>')],
    ['an attribute twice', div('<p class="a" class="b">x</p>')],
    ['< in an attribute', div('<p class="<">x</p>')],
    ['an unclosed br', div('x<br>')],
    ['upper case', div('<P>x</P>')],
    ['an unfinished comment', div('<!-- x')],
    ['-- in a comment', div('<!-- a -- b -->x')],
    ['CDATA', div('<![CDATA[x]]>')],
    ['a doctype', `<!DOCTYPE div>${div('x')}`],
    ['a doctype inside', div('<!DOCTYPE x>x')],
    ['a processing instruction', div('<?php x ?>x')],
    ['script', div('<script>alert(1)</script>')],
    ['style element', div('<style>p{}</style>x')],
    ['link', div('<link rel="stylesheet" href="x.css"/>x')],
    ['iframe', div('<iframe src="https://example.org"></iframe>x')],
    ['object', div('<object data="x"></object>x')],
    ['form', div('<form action="x"><input name="a"/></form>x')],
    ['svg', div('<svg onload="x"></svg>x')],
    ['ins, of chapter 9.4', div('<ins>x</ins>')],
    ['an event', div('<p onclick="alert(1)">x</p>')],
    ['an event in upper case', div('<p ONCLICK="alert(1)">x</p>')],
    ['javascript', div('<a href="javascript:alert(1)">x</a>')],
    ['javascript in disguise', div('<a href=" &#106;ava&#x0A;Script&#58;alert(1)">x</a>')],
    ['javascript behind invisible characters', div('<a href="java&#x200B;script:alert(1)">x</a>')],
    ['javascript by a named entity', div('<a href="javascript&colon;alert(1)">x</a>')],
    ['vbscript', div('<a href="vbscript:x">x</a>')],
    ['a data link', div('<a href="data:text/html,x">x</a>')],
    ['an SVG picture', div('<img src="data:image/svg+xml;base64,AAAA"/>')],
    ['an import in a style', div('<p style="@import url(x.css)">x</p>')],
    ['an expression in a style', div('<p style="width: expression(alert(1))">x</p>')],
    ['an expression hidden by a comment', div('<p style="width: exp/**/ression(1)">x</p>')],
    ['an expression hidden by an escape', div('<p style="width: \\65xpression(1)">x</p>')],
    ['an expression hidden by an entity', div('<p style="width: &#101;xpression(1)">x</p>')],
    ['javascript in a style', div('<p style="background: url(\'javascript:x\')">x</p>')],
    ['a data link in a style', div('<p style="background: url( data:text/html,x )">x</p>')],
    ['control characters', div('a\u0000b')],
    ['a lone surrogate', div('a\ud800b')],
    ['201 levels', div(`${'<div>'.repeat(200)}x${'</div>'.repeat(200)}`)],
  ])('%s', (_, text) => expect(xhtmlFault(text)).toEqual(expect.any(String)));
});

test('whatever the text, the answer is a message or none, never an exception', () => {
  const piece = fc.constantFrom(
    '<div ',
    NS,
    '>',
    '</div>',
    '<p',
    '<p>',
    '</p>',
    '/',
    '=',
    '"',
    "'",
    '&',
    '&amp;',
    '<!--',
    '-->',
    '<![CDATA[',
    ' ',
    'x',
    'style="',
    'href="java',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const fault = xhtmlFault(pieces.join(''));
      expect(fault === undefined || fault.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('a megabyte of anything is read once', () => {
  const n = 200_000;
  for (const text of ['<', '&', '<p ', '<!-', '<!--', '<p>', 'a="', ' ', '<p a="b" ', '&#1', 'url(']) {
    expect(xhtmlFault(`<div ${NS}>${text.repeat(n)}`)).toEqual(expect.any(String));
    expect(xhtmlFault(`<div ${NS} style="${text.repeat(n)}">x</div>`) === undefined).toBe(
      text === ' ' || text === 'url(',
    );
  }
});
