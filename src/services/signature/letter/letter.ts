/**
 * The contents of a 診療情報提供書 as the form 別紙様式11 has them, read from the document and ready to be set: plain text only. Lines are
 * separated by `\n`; nothing in it is markup.
 */
export interface Letter {
  /** Composition.identifier, as it stands in the document. */
  readonly identifier: string;
  readonly version: string | undefined;
  /** The day of issue in Asia/Tokyo. */
  readonly issued: Day;
  readonly to: Addressee;
  readonly from: Sender;
  readonly patient: LetterPatient;
  /** In the order of the form, each with something to say. */
  readonly sections: readonly LetterSection[];
}

/** A calendar day. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A FHIR date of any precision: a month or a day may be missing. */
export interface PartialDay {
  readonly year: number;
  readonly month?: number | undefined;
  readonly day?: number | undefined;
}

export interface Addressee {
  readonly institution: string;
  readonly department: string | undefined;
  readonly doctor: string | undefined;
}

export interface Sender extends Addressee {
  readonly doctor: string;
  readonly postalCode: string | undefined;
  readonly address: string | undefined;
  readonly phone: string | undefined;
  readonly fax: string | undefined;
}

export interface LetterPatient {
  /** In kanji where there is such a name (IDE). */
  readonly name: string;
  /** In katakana (SYL). */
  readonly kana: string | undefined;
  readonly sex: '男' | '女' | 'その他' | '不明';
  readonly birthDate: PartialDay;
  readonly postalCode: string | undefined;
  readonly address: string | undefined;
  readonly phone: string | undefined;
  readonly occupation: string | undefined;
}

export interface LetterSection {
  /** JP-CLINS document-section; undefined for a section of another origin. */
  readonly code: string | undefined;
  readonly title: string;
  /** The narrative, which is what was attested, then what entries say beyond it. */
  readonly text: string;
  readonly medications: readonly Medication[];
}

/** One line of 現在の処方. */
export interface Medication {
  readonly name: string;
  readonly dose: string;
  readonly usage: string;
  readonly days: string;
}
