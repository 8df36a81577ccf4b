import type { Page } from 'playwright-core';

/** What people who cannot see, or use no mouse, would stumble over on a page; empty where there is nothing. */
export const stumblingBlocks = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const visible = (element: Element) => (element as HTMLElement).checkVisibility({ visibilityProperty: true });
    const say = (element: Element, what: string) => found.push(`${element.outerHTML.slice(0, 90)}: ${what}`);
    const all = (selector: string) => [...document.querySelectorAll(selector)].filter(visible);

    if (!['ja', 'en'].includes(document.documentElement.lang)) found.push('the page has no language');
    if (document.title.trim() === '') found.push('the page has no title');
    if (all('h1').length !== 1) found.push('there is not exactly one h1');
    if (all('main').length !== 1) found.push('there is not exactly one main');
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');

    let level = 1;
    for (const heading of all('h1, h2, h3, h4')) {
      const own = Number(heading.tagName[1]);
      if (own > level + 1) say(heading, 'skips a level');
      level = own;
    }
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of new Set(ids))
      if (ids.filter((one) => one === id).length > 1) found.push(`the id ${id} is there twice`);

    for (const element of document.querySelectorAll('[aria-describedby], [aria-labelledby], label[for]'))
      for (const name of ['aria-describedby', 'aria-labelledby', 'for'])
        for (const id of (element.getAttribute(name) ?? '').split(/\s+/))
          if (id !== '' && !document.getElementById(id)) say(element, `${name} leads nowhere`);

    for (const control of all('input:not([type=hidden]), select, textarea'))
      if (((control as HTMLInputElement).labels?.length ?? 0) === 0) say(control, 'has no label');
    for (const control of all('[aria-invalid=true]'))
      if (!control.getAttribute('aria-describedby')) say(control, 'does not say what is wrong');
    for (const control of all('a[href], button')) if (control.textContent?.trim() === '') say(control, 'has no name');
    for (const image of document.querySelectorAll('img:not([alt]), svg[role=img]:not([aria-label])'))
      say(image, 'has no text');
    for (const link of all('a[href]')) if (link.getAttribute('href') === '#') say(link, 'leads nowhere');

    // WCAG 2.2, 2.5.8: targets of 24 px at least; ours of 44 where they are buttons.
    for (const button of all('main button, main .button')) {
      const { height } = button.getBoundingClientRect();
      if (height < 43) say(button, `is ${height} px high`);
    }

    // WCAG 2.2, 1.4.3 and 1.4.6: contrast of text with what is behind it.
    type Colour = [number, number, number, number];
    const colour = (text: string): Colour => {
      const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
      return [r, g, b, a];
    };
    const light = ([r, g, b]: Colour) => {
      const linear = [r, g, b].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
    };
    const behind = (element: Element | null): Colour => {
      for (let at = element; at; at = at.parentElement) {
        const own = colour(getComputedStyle(at).backgroundColor);
        if (own[3] === 1) return own;
      }
      return [255, 255, 255, 1];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.textContent?.trim() || !visible(element) || element.closest('script, .unseen')) continue;
      const [a, b] = [light(colour(getComputedStyle(element).color)), light(behind(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 5.5) say(element, `has a contrast of ${contrast.toFixed(1)}`);
    }
    return found;
  });

/** What a page looks like when the element with the focus is to be found. */
export const showsFocus = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element);
    return outlineStyle === 'solid' && Number.parseFloat(outlineWidth) >= 2;
  });
