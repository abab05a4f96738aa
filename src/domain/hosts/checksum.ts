const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * A shell function that prints the SHA-256 of its standard input, hex. openssl uses the processor's own instructions and
 * takes a third of the time of sha256sum; it is used where it is installed and returns the right checksum for empty input.
 */
export const SHA256_FUNCTION = `sha256() {
  if [ "$(openssl dgst -sha256 -r </dev/null 2>/dev/null | cut -c1-64)" = ${OF_NOTHING} ]
  then openssl dgst -sha256 -r | cut -c1-64
  else sha256sum | cut -c1-64
  fi
}`;
