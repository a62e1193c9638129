// The seller's colour in a mail: white or dark letters on it, and a paler one for dark screens. Pure; anything that is no colour becomes ink.

const INK = '#22466e';
type Rgb = readonly [number, number, number];

export type ButtonColours = {
  readonly ground: string;
  readonly text: string;
  readonly darkGround: string;
  readonly darkText: string;
};

export const buttonColours = (accent: string): ButtonColours => {
  const colour = parseColour(/^#[0-9a-f]{6}$/i.test(accent) ? accent : INK);
  return {
    ground: format(colour),
    text: luminance(colour) > 0.18 ? '#000000' : '#ffffff', // from there on black reads better than white; both at least 4.5:1
    darkGround: format(untilPale(colour)),
    darkText: '#101314',
  };
};

/** Mixed with white until it stands out on a dark ground (7:1 against its dark letters). */
const untilPale = (colour: Rgb): Rgb => {
  let pale = colour;
  for (let step = 0; luminance(pale) < 0.35 && step < 20; step++) pale = mix(pale, 0.1);
  return pale;
};

const mix = (colour: Rgb, share: number): Rgb => {
  const towards = (channel: number): number => Math.round(channel + (255 - channel) * share);
  return [towards(colour[0]), towards(colour[1]), towards(colour[2])];
};

const parseColour = (text: string): Rgb => {
  const channel = (at: number): number => Number.parseInt(text.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
};

const format = (colour: Rgb): string => `#${colour.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;

/** Relative luminance by WCAG 2. */
const luminance = (colour: Rgb): number => {
  const [red, green, blue] = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
