import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { messageOf } from '../../contract/caught.js';
import { ProvisionError } from '../../contract/errors.js';

const { asn1, pki, pkcs12, util } = forge;
type Bag = forge.pkcs12.Bag;

/** All in PEM. */
export interface Pkcs12Identity {
  certificate: string;
  /** PKCS#8. */
  privateKey: string;
  /** Those of its signers that the file holds, the nearest first. Empty for a certificate that signed itself. */
  chain: string;
}

/** Opens what OpenSSL, Java and browsers write, old ciphers (RC2, 3DES) included. @throws ProvisionError PKI_INVALID */
export function readPkcs12(bytes: Buffer, password: string): Pkcs12Identity {
  const bags = bagsOf(bytes, password);
  const certificates = bags.filter(({ type }) => type === pki.oids['certBag']).map(certificateOf);
  for (const key of bags.filter(({ type }) => KEY_BAGS.includes(type)).map(keyOf)) {
    const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
    if (own === undefined) continue;
    return {
      certificate: own.toString(),
      privateKey: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
      chain: signersOf(own, certificates).join(''),
    };
  }
  throw unusable(
    `it holds ${certificates.length} certificates, and none with its private key`,
    'export it again with the private key',
  );
}

const KEY_BAGS = [pki.oids['keyBag'], pki.oids['pkcs8ShroudedKeyBag']];

function bagsOf(bytes: Buffer, password: string): Bag[] {
  try {
    return open(bytes, password).safeContents.flatMap(({ safeBags }) => safeBags);
  } catch (error) {
    if (WRONG_PASSWORD.test(messageOf(error)))
      throw unusable('it does not open with this password', 'correct the password');
    throw unusable(
      `it is not a readable PKCS#12 file: ${messageOf(error)}`,
      'name a file that openssl pkcs12 can open',
    );
  }
}

const WRONG_MAC = /MAC could not be verified/;
const WRONG_PASSWORD = /MAC could not be verified|[Uu]nable to decrypt|Failed to decrypt/;

/**
 * The MAC and the old ciphers take the password in UTF-16, PBES2 takes it in UTF-8. forge hands one text to all of them
 * and turns it to UTF-16 for the former. So a password beyond ASCII is tried in UTF-8 as well; forge checks the MAC
 * before it decrypts, so the first try has seen to that.
 */
function open(bytes: Buffer, password: string): forge.pkcs12.Pkcs12Pfx {
  const parse = (): forge.asn1.Asn1 => asn1.fromDer(bytes.toString('latin1'), false); // some write BER
  try {
    return pkcs12.pkcs12FromAsn1(parse(), false, password);
  } catch (error) {
    const utf8 = util.encodeUtf8(password);
    if (utf8 === password || WRONG_MAC.test(messageOf(error))) throw error;
    return pkcs12.pkcs12FromAsn1(withoutMac(parse()), false, utf8);
  }
}

/** PFX ::= SEQUENCE { version, authSafe, macData OPTIONAL } */
const withoutMac = (file: forge.asn1.Asn1): forge.asn1.Asn1 =>
  typeof file.value === 'string' ? file : { ...file, value: file.value.slice(0, 2) };

/** forge parses what is RSA and leaves the rest, such as EC, as ASN.1. */
const certificateOf = ({ cert, asn1: raw }: Bag): X509Certificate =>
  new X509Certificate(derOf(cert ? pki.certificateToAsn1(cert) : raw));

const keyOf = ({ key, asn1: raw }: Bag): KeyObject =>
  createPrivateKey({
    key: derOf(key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : raw),
    format: 'der',
    type: 'pkcs8',
  });

const derOf = (node: forge.asn1.Asn1): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');

function signersOf(certificate: X509Certificate, others: readonly X509Certificate[]): X509Certificate[] {
  const rest = others.filter((other) => other !== certificate);
  const signer = rest.find((other) => certificate.checkIssued(other));
  return signer === undefined ? [] : [signer, ...signersOf(signer, rest)];
}

const unusable = (why: string, hint: string): ProvisionError => new ProvisionError('PKI_INVALID', why, hint);
