export interface LetterJob {
  /** The document Bundle's bytes as stored: read for the letter, and attached to it unchanged. */
  readonly document: Uint8Array;
  /** When the PDF is issued, epoch milliseconds: the file's creation date. */
  readonly issuedAt: number;
}

/** Renders letters in a worker thread, one at a time. */
export class LetterRenderer {
  /**
   * The letter as PDF; the same bytes for the same job.
   *
   * @throws FhirError 422 where the document is no such letter or takes too long, 503 where too many letters wait
   */
  async render(_job: LetterJob): Promise<Uint8Array> {
    throw new Error('to come');
  }

  async close(): Promise<void> {}
}
