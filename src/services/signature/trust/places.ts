import type { Authority } from './authority.ts';
import type { Place } from './fetch.ts';
import type { Loaded } from './load.ts';

export const authoritiesOf = ({ issuers, timestampAuthorities }: Loaded): readonly Authority[] => [
  ...issuers,
  ...timestampAuthorities,
];

/** Each URL once: authorities below one root name the same list of that root. */
export function placesOf(loaded: Loaded): readonly Place[] {
  const places = new Map<string, Place>();
  for (const { urls, certificates } of authoritiesOf(loaded)) {
    const issuers = certificates.map(({ certificate }) => certificate);
    for (const { url, allowPrivate } of urls) {
      const place = places.get(url);
      places.set(url, {
        url,
        allowPrivate: allowPrivate || (place?.allowPrivate ?? false),
        issuers: [...(place?.issuers ?? []), ...issuers],
      });
    }
  }
  return [...places.values()];
}

/**
 * Where the file of a list cannot be read any more, the list that was in it before, as long as the authority still has the
 * certificate that signed it. What is wrong with the file stays told.
 */
export function withFormerLists(loaded: Loaded, former: Loaded | undefined): Loaded {
  if (!former) return loaded;
  const before = new Map(
    authoritiesOf(former).flatMap(({ lists }) => lists.flatMap(({ file, list }) => (list ? [[file, list]] : []))),
  );
  const mend = (authority: Authority): Authority => ({
    ...authority,
    lists: authority.lists.map((one) => {
      const list = one.list ?? before.get(one.file);
      const signer = list && Buffer.from(list.signedBy.der);
      return { ...one, list: authority.certificates.some(({ der }) => signer?.equals(der)) ? list : undefined };
    }),
  });
  return {
    ...loaded,
    issuers: loaded.issuers.map(mend),
    timestampAuthorities: loaded.timestampAuthorities.map(mend),
  };
}
