// 1,000 texts that mean harm: [name, text]. The ones made by chance are the same at every run.
import { randomFrom } from './random.js';

const characters = (...codes) => String.fromCodePoint(...codes);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const insult = 'you are a stupid idiot';

const marks = range(0x300, 0x36f).map((code) => characters(code));
const bidi = ['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069', '\u200e', '\u200f', '\u061c'];
const invisible = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u180e', '\u034f', '\u115f', '\u3164', '\ufe0f'];
const spaces = ['\t', '\n', '\v', '\f', '\r', ' ', '\x85', '\xa0', '\u1680', ...range(0x2000, 0x200a).map((code) => characters(code)), '\u2028', '\u2029', '\u202f', '\u205f', '\u3000'];
const homoglyphs = { a: 'аɑα𝐚ａ', c: 'сϲ𝐜', d: 'ԁ𝐝', e: 'еҽ𝐞ｅ', i: 'іι𝐢ｉ1', o: 'оο𝐨ｏ0', p: 'рρ𝐩', s: 'ѕ𝐬$5', t: 'τ𝐭+7', u: 'υս𝐮', y: 'уγ𝐲', ' ': '\u2003\u00a0\u200a' };

const byHand = {
  nothing: '',
  NUL: '\0',
  'a thousand NUL': '\0'.repeat(1_000),
  'NUL between letters': [...insult].join('\0'),
  'NUL at the end': `${insult}\0`,
  'every C0 and C1 control': range(0, 0x9f).map((code) => characters(code)).join(''),
  'terminal commands': '\x1b[2J\x1b]0;title\x07\x1b[31mred\x9b0m\x1bP+q\x1b\\',
  'a lone high surrogate': '\ud800',
  'a lone low surrogate': '\udfff',
  'surrogates the wrong way round': '\udc00\ud800'.repeat(500),
  'high surrogates only': '\udbff'.repeat(1_000),
  'low surrogates only': '\udc00'.repeat(1_000),
  'a pair torn by a letter': '\ud83da\ude00',
  'every lone surrogate': range(0xd800, 0xdfff).map((code) => String.fromCharCode(code)).reverse().join(''),
  'the last code point': characters(0x10ffff).repeat(100),
  noncharacters: '\ufffe\uffff\ufdd0\ufdef'.concat(range(0, 16).map((plane) => characters(plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff)).join('')),
  'private use': range(0xe000, 0xe3ff).map((code) => characters(code)).join(''),
  'tags of U+E0000': `${insult}${[...insult].map((c) => characters(0xe0000 + c.charCodeAt(0))).join('')}`,
  'variation selectors': [...insult].map((c) => c + range(0xfe00, 0xfe0f).map((code) => characters(code)).join('')).join(''),
  'one letter under a thousand marks': `a${'\u0301'.repeat(1_000)}`,
  'marks on nothing': '\u0301'.repeat(1_000),
  'nested overrides': '\u202e'.repeat(500) + insult,
  'unclosed isolates': '\u2067'.repeat(125).concat(insult, '\u2069'),
  'overrides in words': [...insult].join('\u202e'),
  'a family of emoji': '👨‍👩‍👧‍👦'.repeat(100),
  'joiners alone': '\u200d'.repeat(1_000),
  'flags of no country': '🇽🇽🇿'.repeat(100),
  'skin tones on nothing': '🏿'.repeat(200),
  'white space of every kind': spaces.join('').repeat(30),
  'white space only': ' '.repeat(5_000),
  'line separators': '\u2028\u2029'.repeat(500),
  'words of one letter': 'a '.repeat(5_000),
  'one long word': 'a'.repeat(5_000),
  'a byte order mark a word': '\ufeffword '.repeat(300),
  Hangul: range(0xac00, 0xad00).map((code) => characters(code)).join(''),
  'Hangul in parts': '\u1100\u1161\u11a8'.repeat(300),
  Han: range(0x4e00, 0x4f00).map((code) => characters(code)).join(''),
  'Han of plane 2': range(0x20000, 0x20100).map((code) => characters(code)).join(''),
  Devanagari: 'क्षत्रिय '.repeat(100),
  Arabic: 'مرحبا ﷽ بالعالم '.repeat(50),
  Thai: 'สวัสดีชาวโลก'.repeat(50),
  'Turkish i': 'İıiI'.repeat(100),
  'sharp s and its like': 'ßẞſtﬁﬀ'.repeat(100),
  HTML: '<script>alert(1)</script><img src=x onerror=alert(1)>',
  SQL: "'; DROP TABLE comments; --",
  'format strings': '%s%s%s%n%x%p %99999999d {0} ${1} {{2}}',
  JSON: '{"text": "}\\u0000{", "__proto__": {"x": 1}}',
  'names of objects': '__proto__ constructor prototype toString hasOwnProperty',
  paths: '../../../../etc/passwd\\..\\..\\con /dev/zero file:///',
  'a data URL': `data:text/html;base64,${'QUJD'.repeat(500)}`,
  backslashes: '\\'.repeat(3_000),
  quotes: '"'.repeat(3_000),
  brackets: `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  'what backtracks': `${'a'.repeat(3_000)}!`,
  'dots and slashes': './'.repeat(3_000),
  'CR without LF': 'a\rb\r'.repeat(500),
  'numbers without end': '9'.repeat(3_000),
  '10 MB of a letter': 'a'.repeat(10_000_000),
  '10 MB of spaces': ' '.repeat(10_000_000),
  '10 MB of short words': 'a '.repeat(5_000_000),
  '10 MB of emoji': '😀'.repeat(2_500_000),
  '10 MB of lone surrogates': '\ud800'.repeat(3_333_333),
  '10 MB of marks on one letter': `a${'\u0301'.repeat(5_000_000)}`,
  '10 MB of NUL': '\0'.repeat(10_000_000),
};

const pick = (list, random) => list[random(list.length)];
const repeated = (random, most, make) => Array.from({ length: random(most) }, make).join('');

/** Kinds that chance makes members of. */
const kinds = {
  zalgo: (random) => [...insult].map((c) => c + repeated(random, 30, () => pick(marks, random))).join(''),
  'bidirectional controls': (random) => [...insult].map((c) => repeated(random, 4, () => pick(bidi, random)) + c).join(''),
  'invisible characters': (random) => [...insult].map((c) => c + repeated(random, 6, () => pick(invisible, random))).join(''),
  homoglyphs: (random) => [...insult].map((c) => (c in homoglyphs && random(3) > 0 ? pick([...homoglyphs[c]], random) : c)).join(''),
  'code units': (random) => String.fromCharCode(...Array.from({ length: random(2_000) }, () => random(0x10000))),
  surrogates: (random) => String.fromCharCode(...Array.from({ length: random(2_000) }, () => 0xd800 + random(0x800))),
  'code points': (random) => repeated(random, 1_000, () => characters(random(0x110000))),
  controls: (random) => String.fromCharCode(...Array.from({ length: random(1_000) }, () => random(0xa0))),
  'white space': (random) => repeated(random, 800, () => pick(spaces, random) + (random(4) ? '' : 'x')),
  // Characters of every length across every place where a text may be cut.
  'a cut through a character': (random) => 'x'.repeat(random(600)) + pick(['é', '漢', '😀', '\ud83d', 'e\u0301'], random).repeat(1 + random(300)),
  'spaced letters': (random) => [...insult].join(pick([' ', '.', '-', '_', '*', '\u200b', '\n'], random).repeat(1 + random(5))),
  'case and repeats': (random) => [...insult].map((c) => (random(2) ? c.toUpperCase() : c).repeat(1 + random(20))).join(''),
};

export function hostileTexts() {
  const texts = Object.entries(byHand);
  const names = Object.keys(kinds);
  for (let i = 0; texts.length < 1_000; i++) {
    const name = names[i % names.length];
    texts.push([`${name}, ${i}`, kinds[name](randomFrom(i))]);
  }
  return texts;
}
