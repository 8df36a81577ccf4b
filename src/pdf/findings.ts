/**
 * What can be found in the structure of a submitted PDF file, as data: the code, and whether it proves that the file was tampered with
 * or made wrong (`failed`) or only that we cannot tell (`undecided`). Nothing here is ever a reason to believe a file; `OK` is said only
 * by a check that was made to its end.
 */

/** The checks of structure, by the names that the verdict gives them. */
export const PDF_CHECKS = Object.freeze([
  'issued-bytes',
  'increment',
  'signature-field',
  'byte-range',
  'after-signature',
] as const);

export type PdfCheck = (typeof PDF_CHECKS)[number];

export type FindingStatus = 'passed' | 'failed' | 'undecided' | 'skipped';

export const FINDING_STATUS = Object.freeze({
  OK: 'passed',
  /** The check was not reached. */
  NOT_REACHED: 'skipped',

  // issued-bytes
  /** No issued document was given to compare with. */
  NO_ISSUED_DOCUMENT: 'undecided',
  /** The file does not begin with the issued bytes. */
  WRONG_DOCUMENT: 'failed',
  /** The file ends within the issued bytes. */
  TRUNCATED: 'failed',

  // files that some other program wrote or rewrote: never fine, but no proof of tampering either
  /** The issued document was written anew instead of being updated. */
  FOREIGN_REWRITTEN: 'undecided',
  /** An update that is not the signature's comes before the signature's. */
  FOREIGN_UPDATE: 'undecided',
  FOREIGN_XREF_STREAM: 'undecided',
  FOREIGN_OBJECT_STREAM: 'undecided',
  /** Classical table and cross-reference stream side by side (ISO 32000-1 §7.5.8.4). */
  FOREIGN_HYBRID: 'undecided',
  FOREIGN_LINEARIZED: 'undecided',
  FOREIGN_ENCRYPTED: 'undecided',
  /** A stream whose /Length is an indirect reference. */
  FOREIGN_STREAM_LENGTH: 'undecided',
  FOREIGN_COMMENT: 'undecided',
  /** The first revision is not one that this reader knows. */
  FOREIGN_UNREADABLE: 'undecided',
  /** /Info or /Metadata was rewritten: not shown on a page, but not a signature's business. */
  FOREIGN_METADATA: 'undecided',
  /** Keys in a form, a field or a signature dictionary that are not known to be harmless. */
  FOREIGN_KEY: 'undecided',
  /** DocMDP permissions or signature references. */
  FOREIGN_PERMISSIONS: 'undecided',

  // limits
  TOO_DEEP: 'failed',
  TOO_MANY_OBJECTS: 'failed',
  TOO_MANY_REVISIONS: 'failed',

  // syntax
  MALFORMED: 'failed',
  /** A key that occurs twice in one dictionary. */
  DUPLICATE_KEY: 'failed',
  /** A name that hides an ordinary character behind #xx. */
  ESCAPED_NAME: 'failed',
  STREAM_LENGTH: 'failed',
  /** What looks like an object, a table or an end of file inside a string or a stream. */
  HIDDEN_OBJECT: 'failed',
  /** The same object twice in one update. */
  DUPLICATE_OBJECT: 'failed',
  /** An object that the update's cross-reference table does not list. */
  ORPHAN_OBJECT: 'failed',
  /** A table entry that does not point at its object within its own update. */
  XREF_MISMATCH: 'failed',
  /** An object number that the table lists twice. */
  XREF_DUPLICATE: 'failed',
  /** An update that frees an object. */
  FREED_OBJECT: 'failed',
  GENERATION: 'failed',
  /** A number that was in use or free before, taken for something else. */
  REUSED_NUMBER: 'failed',
  /** startxref does not name its own table. */
  STARTXREF: 'failed',
  /** /Prev does not name the table before. */
  PREV: 'failed',
  SIZE: 'failed',
  ROOT_CHANGED: 'failed',
  ID_CHANGED: 'failed',
  INFO_CHANGED: 'failed',
  /** An entry of the trailer that was not there before, or is gone. */
  TRAILER_KEY: 'undecided',

  // increment
  /** An object of the issued document was replaced. */
  CONTENT_CHANGED: 'failed',
  CATALOG_CHANGED: 'failed',
  /** An action or a script. */
  ACTION_ADDED: 'failed',
  VERSION_CHANGED: 'failed',
  EXTENSIONS_CHANGED: 'failed',
  PAGE_CHANGED: 'failed',
  ANNOTATIONS_CHANGED: 'failed',
  FORM_CHANGED: 'failed',
  /** XFA, /NeedAppearances: what is shown would not be what is in the pages. */
  FORM_DYNAMIC: 'failed',
  /** An added object that nothing of the signature refers to. */
  UNREFERENCED_OBJECT: 'failed',
  /** A widget that could show something, and so cover the letter's text. */
  VISIBLE_APPEARANCE: 'undecided',

  // signature-field
  NO_SIGNATURE: 'failed',
  SEVERAL_SIGNATURES: 'failed',
  FIELD_MALFORMED: 'failed',
  SIGNATURE_DICTIONARY: 'failed',
  SUBFILTER: 'failed',

  // byte-range
  BYTE_RANGE_FORM: 'failed',
  BYTE_RANGE_START: 'failed',
  /** The gap is not exactly the signature's own /Contents. */
  BYTE_RANGE_GAP: 'failed',
  /** The range does not end where the update ends. */
  BYTE_RANGE_END: 'failed',
  CONTENTS_FORM: 'failed',

  // after-signature
  APPENDED_BYTES: 'failed',
  /** An update after the signature that is neither a DSS nor a document time-stamp. */
  CHANGED_AFTER_SIGNING: 'failed',
  DSS_MALFORMED: 'failed',
  /** A stream with another filter than one /FlateDecode. */
  DSS_FILTER: 'undecided',
  DECOMPRESSION_BOMB: 'failed',
} as const satisfies Readonly<Record<string, FindingStatus>>);

export type FindingCode = keyof typeof FINDING_STATUS;

export interface Finding {
  readonly check: PdfCheck;
  readonly code: FindingCode;
  readonly status: FindingStatus;
  /** For engineers, in English; object numbers and offsets, nothing of the content. */
  readonly detail: string;
}

/** Thrown inside this room where reading cannot go on; `examine` turns it into a finding, the writers let it out. */
export class PdfError extends Error {
  readonly code: FindingCode;

  constructor(code: FindingCode, detail: string) {
    super(detail);
    this.name = 'PdfError';
    this.code = code;
  }
}
