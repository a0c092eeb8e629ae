// Licence names of npm (SPDX expressions) and Debian (copyright short names) → may it be trained on? Only permissive ones may.

const PERMISSIVE =
  /^(?:0bsd|afl-\d.*|apache.*|artistic-2.*|blueoak-1.*|bsd.*|bsl-1.*|boost.*|cc0.*|expat|icu|isc.*|libpng.*|mit.*|ms-pl|ncsa|openssl|php-3.*|postgresql|psf.*|pd|public-domain|python.*|ruby|tcl.*|unicode.*|unlicen[cs]e|upl.*|wtfpl.*|x11.*|zlib.*|zpl.*)$/;

/**
 * Whether the expression allows a permissive choice: one side of an `or`, every side of an `and`. Unknown names are refused.
 * `with` exceptions only ever add permissions.
 */
export function isPermissive(expression: string): boolean {
  const text = expression.toLowerCase().replace(/[()]/g, ' ').replace(/\|/g, ' or ');
  return text.split(/\s+or\s+/).some((choice) => {
    const names = choice.split(/\s+and\s+|,/).map((name) => name.split(/\s+with\s+/)[0]?.trim() ?? '');
    return names.every((name) => PERMISSIVE.test(name));
  });
}
