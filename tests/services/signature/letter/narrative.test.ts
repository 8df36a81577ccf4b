import fc from 'fast-check';
import { plainText } from '../../../../src/services/signature/letter/narrative.ts';

describe('the text of a narrative', () => {
  it.each([
    ['<div>a<br/>b</div>', 'a\nb'],
    ['<div><p>一</p><p>二</p></div>', '一\n二'],
    ['<div>\n  <p>一\n 続き</p>\n</div>', '一 続き'],
    ['<ul><li>一</li><li>二<ul><li>三</li></ul></li></ul>', '・一\n・二\n・三'],
    ['<table><tr><th>項目</th><th>値</th></tr><tr><td>血圧</td><td>120</td></tr></table>', '項目　値\n血圧　120'],
    ['<pre>  a\n   b</pre>c', '  a\n   b\nc'],
    ['a<br/><br/>b', 'a\n\nb'],
    ['<b>太</b><i>斜</i>', '太斜'],
    [
      '&lt;b&gt; &amp;amp; &#x9ad9; &#128187; &deg; &unknown; &#0; &#x110000;',
      '<b> &amp; 髙 💻 ° &unknown; &#0; &#x110000;',
    ],
    ['3 < 5 & 7 > 6', '3 < 5 & 7 > 6'],
    ['<p style="display:none">隠</p>', '隠'],
    ['<script>alert("x")</script>', 'alert("x")'],
    ['<p title="a > b">c</p>', 'c'],
    ['a<!-- <p> -->b<![CDATA[<p>c</p>]]>d', 'ab<p>c</p>d'],
    ['<img src="http://192.0.2.1/x.png" alt="胸部&amp;腹部"/>', '［画像：胸部&腹部］'],
    ['<img src="x"/>', '［画像：説明なし］'],
    ['<p>　字下げ\u00a0と空白</p>', '　字下げ\u00a0と空白'],
    ['<p>途中で切れた<b', '途中で切れた<b'],
    ['<p a="切れた', '<p a="切れた'],
    ['<!-- 終わらない', '<!-- 終わらない'],
    ['', ''],
  ])('%s', (xhtml, expected) => {
    expect(plainText(xhtml)).toBe(expected);
  });

  it('loses no character of text without markup but white space at line ends', () => {
    const letters = fc.stringMatching(/^[^<&\s]{0,40}$/u);
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), (words) => {
        expect(plainText(`<div><p>${words.join(' ')}</p></div>`).replaceAll(' ', '')).toBe(words.join(''));
      }),
    );
  });

  it('reads anything, and long texts of broken markup too', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>/&;"\'!-[]pabr =\n#x9') }), (text) => void plainText(text)),
    );
    for (const piece of ['<', '<p "', '<p \'"', '&#', '<!--', '<![CDATA[', '<p ', '&amp']) {
      expect(typeof plainText(piece.repeat(50_000))).toBe('string');
    }
  });
});
