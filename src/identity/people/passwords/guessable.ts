let words: Promise<ReadonlySet<string>> | undefined;

/** Passwords that people choose most, lower case; some fifty thousand, loaded when the first password is chosen. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  words ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'].map((word) => String(word))),
  );
  return words;
}

/**
 * Whether a password is among those that are tried first: on the list, on it but for digits and signs around it or letters written as
 * digits, one short piece over and over, or a walk over the alphabet or the keyboard.
 */
export async function isGuessable(password: string): Promise<boolean> {
  const text = password.normalize('NFKC').toLowerCase();
  if (isRepetition(text) || isWalk(text)) return true;
  const list = await commonPasswords();
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const shapes = [text, core, text.replace(/[^\p{L}\p{N}]/gu, '')].flatMap((shape) => [
    shape,
    ...LEET.map(unLeet(shape)),
  ]);
  return shapes.some((shape) => shape.length >= SHORTEST_WORD && list.has(shape));
}

const SHORTEST_WORD = 4;

/** What is written for a letter; `1` and `!` stand for two. */
const LEET: readonly Readonly<Record<string, string>>[] = ['i', 'l'].map((one) => ({
  '0': 'o',
  '1': one,
  '!': one,
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '7': 't',
  '8': 'b',
}));

const unLeet = (text: string) => (letters: Readonly<Record<string, string>>) =>
  [...text].map((character) => letters[character] ?? character).join('');

/** The same piece twice or more, the last perhaps cut off. */
function isRepetition(text: string): boolean {
  const characters = [...text];
  const half = Math.floor(characters.length / 2);
  for (let piece = 1; piece <= half; piece++)
    if (characters.every((character, at) => at < piece || character === characters[at - piece])) return true;
  return false;
}

/** Rows and columns of keyboards. */
const WALKS = [
  'qwertyuiop[]',
  'asdfghjkl;:',
  'zxcvbnm,./',
  '1234567890-=',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/',
  '!"#$%&()',
  '!@#$%^&*()',
];

const STEPS: ReadonlySet<string> = new Set(
  WALKS.flatMap((walk) => [walk, [...walk].reverse().join('')]).flatMap((walk) =>
    [...walk].slice(1).map((character, at) => `${walk[at]}${character}`),
  ),
);

/** Fewer pieces than this, each a run of neighbours, are no password. */
const FEWEST_PIECES = 4;

function isWalk(text: string): boolean {
  const characters = [...text];
  const breaks = characters.slice(1).filter((character, at) => !isStep(characters[at] as string, character));
  return breaks.length + 1 < FEWEST_PIECES;
}

/** The same character again, the next or last of the alphabet, or its neighbour on the keyboard. */
function isStep(one: string, next: string): boolean {
  const distance = (next.codePointAt(0) as number) - (one.codePointAt(0) as number);
  return distance === 0 || (Math.abs(distance) === 1 && /[\p{L}\p{N}]/u.test(one)) || STEPS.has(one + next);
}
