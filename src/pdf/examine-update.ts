import { type Catalogs, checkCatalog } from './catalog.ts';
import type { DocumentTimestamp, SecurityStore, SignatureFound, SignatureSubFilter } from './examination.ts';
import { checkField, type SignatureField } from './field.ts';
import { type PdfCheck, PdfError } from './findings.ts';
import { checkForm, checkPages } from './form.ts';
import { refuseHidden } from './hidden.ts';
import { countSignatures } from './issued.ts';
import { checkCoverage, checkSignatureDictionary, readSignatureValue, type SignatureValue } from './signature.ts';
import type { SecurityStores } from './stores.ts';
import type { Update } from './update.ts';
import type { PdfDictionary } from './values.ts';

export interface UpdateFound {
  readonly signature?: SignatureFound;
  readonly timestamp?: DocumentTimestamp;
  readonly store?: SecurityStore;
  /** Checks that were made to their end. */
  readonly reached: readonly PdfCheck[];
}

/** All of one update: the signature's own (`signing`), or one after it. Each step reports what it finds and lets the next be made. */
export function examineUpdate(
  update: Update,
  signing: boolean,
  stores: SecurityStores,
  fieldNames: Set<string>,
): UpdateFound {
  update.step('increment', () => refuseHidden(update.bytes, update.revision));
  const catalogs = update.step('increment', () => checkCatalog(update));
  const field = catalogs && addedField(update, catalogs, fieldNames);
  const store = catalogs && update.step('increment', () => stores.read(update, catalogs));
  update.step('increment', () => checkPages(update, field?.widget, field?.page));
  update.step('signature-field', () => refuseOtherSignatures(update, field));
  const dictionary = field?.value.value as PdfDictionary | undefined;
  const purpose =
    dictionary &&
    update.step('signature-field', () => expectPurpose(checkSignatureDictionary(update, dictionary), signing));
  const value = dictionary && update.step('byte-range', () => readSignatureValue(update.bytes, dictionary));
  if (value) update.step('byte-range', () => checkCoverage(update, value));
  update.refuseRest();
  if (!signing && !field && !store && !update.reported) {
    update.report('increment', 'CHANGED_AFTER_SIGNING', 'an update that is neither a DSS nor a time-stamp');
  }
  return {
    ...(purpose === 'signature' && value && field && { signature: signatureFound(value, field) }),
    ...(purpose === 'timestamp' && value && { timestamp: { ...timestampFound(value), end: update.revision.end } }),
    ...(store && { store }),
    reached: [
      'increment',
      ...(purpose ? (['signature-field'] as const) : []),
      ...(value ? (['byte-range'] as const) : []),
    ],
  };
}

function addedField(update: Update, catalogs: Catalogs, names: Set<string>): SignatureField | undefined {
  const added = update.step('increment', () => checkForm(update, catalogs));
  const field = added && update.step('signature-field', () => checkField(update, added));
  if (field && names.has(field.name)) update.report('signature-field', 'FIELD_MALFORMED', 'two fields of one name');
  if (field) names.add(field.name);
  return field;
}

/** One field with one value where the update adds a field, none where it does not. */
function refuseOtherSignatures(update: Update, field: SignatureField | undefined): void {
  const { values, fields } = countSignatures(update.revision);
  if (values > 1 || fields > 1) {
    throw new PdfError('SEVERAL_SIGNATURES', `${values} signatures and ${fields} signature fields in one update`);
  }
  if (!field && (values > 0 || fields > 0)) throw new PdfError('NO_SIGNATURE', 'a signature that no added field holds');
}

function expectPurpose<T extends 'signature' | 'timestamp'>(purpose: T, signing: boolean): T {
  if ((purpose === 'signature') !== signing) throw new PdfError('SUBFILTER', `a ${purpose} where none may be`);
  return purpose;
}

function signatureFound(value: SignatureValue, field: SignatureField): SignatureFound {
  return { ...value, subFilter: value.subFilter as SignatureSubFilter, fieldName: field.name };
}

const timestampFound = ({ contents, byteRange }: SignatureValue) => ({ contents, byteRange });
