// Bytes → text: UTF-8, UTF-16 with a byte order mark, and the single-byte encodings of older sources.

/** More than this share of bytes that are not UTF-8, and the file is binary. */
const MAX_INVALID = 0.1;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const utf8Lossy = new TextDecoder('utf-8');
const windows1252 = new TextDecoder('windows-1252');
const utf16le = new TextDecoder('utf-16le');
const utf16be = new TextDecoder('utf-16be');

/** Text without byte order mark and with line feeds for line ends; null for binary content. */
export function decodeText(bytes: Uint8Array): string | null {
  const text = decode(bytes);
  return text?.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
}

function decode(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16le.decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16be.decode(bytes);
  if (bytes.includes(0)) return null;
  try {
    return utf8.decode(bytes);
  } catch {
    const lossy = utf8Lossy.decode(bytes);
    const invalid = lossy.split('\uFFFD').length - 1;
    return invalid > bytes.length * MAX_INVALID ? null : windows1252.decode(bytes);
  }
}
