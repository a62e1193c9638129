// Runs inside the page that a test looks at (as text, past its policy): what is too pale, what scrolls sideways, what has no name.

/** Texts too pale for WCAG AA (4.5:1, or 3:1 where large), computed from what the browser really drew. */
const contrastFailures = () => {
  const parse = (text) => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return [r, g, b, a];
  };
  const over = (top, under) => {
    const mix = (i) => top[i] * top[3] + under[i] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    const paper = matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0, 1] : [255, 255, 255, 1];
    return layers.reverse().reduce((under, top) => over(top, under), paper);
  };
  const light = ([r, g, b]) => {
    const part = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (a, b) => {
    const [bright, dim] = [light(a), light(b)].sort((x, y) => y - x);
    return (bright + 0.05) / (dim + 0.05);
  };
  const failures = [];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes]
      .filter(({ nodeType }) => nodeType === 3)
      .map(({ textContent }) => textContent?.trim())
      .join('');
    const box = element.getBoundingClientRect();
    if (text === '' || box.width <= 1 || box.height <= 1 || element.closest('svg, [disabled], option')) continue;
    const style = getComputedStyle(element);
    if (style.visibility === 'hidden') continue;
    const ground = groundOf(element);
    const found = ratio(over(parse(style.color), ground), ground);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (found < (isLarge ? 3 : 4.5))
      failures.push(`${text.slice(0, 40)} ${found.toFixed(2)} ${style.color} on ${ground.join()}`);
  }
  return failures;
};

/** What can only be seen by scrolling the page sideways. */
const overflow = () => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = [...document.querySelectorAll('main *, header *')].filter(
    (one) => one.getBoundingClientRect().right > clientWidth + 1,
  );
  return wide
    .slice(0, 4)
    .map((one) => `${one.tagName}.${one.className} reaches ${Math.round(one.getBoundingClientRect().right)}`);
};

/** What a screen reader, or the content security policy, would stumble over. */
const stumbles = () => {
  const bad = [];
  if (document.querySelectorAll('h1').length !== 1) bad.push('not one h1');
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) bad.push(`id ${id} twice`);
  for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (field.labels?.length === 0) bad.push(`${field.name} has no label`);
  for (const element of document.querySelectorAll('button, a'))
    if (element.textContent?.trim() === '') bad.push(`${element.outerHTML} says nothing`);
  for (const svg of document.querySelectorAll('svg'))
    if (!svg.hasAttribute('aria-hidden') && !svg.hasAttribute('aria-label')) bad.push('a picture without words');
  if (document.querySelectorAll('.button.main').length > 1 && !document.querySelector('table form'))
    bad.push('two main actions');
  if (document.querySelector('[style], script:not([src])')) bad.push('inline style or script');
  return bad;
};

globalThis.pageChecks = { contrastFailures, overflow, stumbles };
