export type Language = 'ja' | 'en';
export type Words = Readonly<Record<Language, string>>;
