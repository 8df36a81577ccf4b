/** DER all. `vri`: by `vriKey` of a signature's contents, what belongs to that signature. */
export interface ValidationMaterial {
  readonly certificates: readonly Uint8Array[];
  readonly crls: readonly Uint8Array[];
  readonly vri?: Readonly<
    Record<string, { readonly certificates: readonly Uint8Array[]; readonly crls: readonly Uint8Array[] }>
  >;
}

export function addDss(_pdf: Uint8Array, _material: ValidationMaterial): Uint8Array {
  throw new Error('not yet');
}

/** SHA-1 in upper-case hex over the /Contents bytes, padding included (ETSI EN 319 142-1 §5.4.2.3). */
export function vriKey(_contents: Uint8Array): string {
  throw new Error('not yet');
}
