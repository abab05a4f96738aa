import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

const { asn1, pki, util } = forge;
type Node = forge.asn1.Asn1;

export interface Pkcs12Content {
  /** PEM. */
  certificate: string;
  /** PEM. */
  privateKey: string;
  /** PEM of the certificates that signed it, one or more. */
  ca: string;
  password: string;
  /** Shown by key stores as the alias. */
  name: string;
}

/** Rounds of key derivation, as OWASP advised for PBKDF2 with SHA-256. */
const ITERATIONS = 100_000;
const SALT_BYTES = 16;
const SHA256_BYTES = 32;
const MAC_KEY_ID = 3;

const OID = {
  data: '1.2.840.113549.1.7.1',
  keyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  sha256: '2.16.840.1.101.3.4.2.1',
};

/** A PKCS#12 file, for key stores of Java and browsers. forge knows no EC keys, so its bags are put together here. */
export function writePkcs12({ certificate, privateKey, ca, password, name }: Pkcs12Content): Buffer {
  const own = new X509Certificate(certificate).raw;
  const attributes = [
    attribute(OID.friendlyName, leaf(asn1.Type.BMPSTRING, name)),
    attribute(OID.localKeyId, octets(createHash('sha1').update(own).digest().toString('latin1'))),
  ];
  const signers = forge.pem.decode(ca).map(({ body }) => certBag(body, []));
  const certificates = [certBag(own.toString('latin1'), attributes), ...signers];
  const content = der(seq([dataInfo(seq(certificates)), dataInfo(seq([keyBag(privateKey, password, attributes)]))]));
  const file = seq([integer(3), dataInfo(content), macOf(content, password)]);
  return Buffer.from(der(file), 'latin1');
}

/** DER, in the form of bytes that forge takes. */
const certBag = (certificate: string, attributes: Node[]): Node =>
  bag(OID.certBag, seq([oid(OID.x509Certificate), tagged(octets(certificate))]), attributes);

function keyBag(privateKey: string, password: string, attributes: Node[]): Node {
  const pkcs8 = createPrivateKey(privateKey).export({ format: 'der', type: 'pkcs8' });
  // PBES2 takes the password in UTF-8, the MAC in UTF-16; forge turns to the latter by itself.
  const encrypted = pki.encryptPrivateKeyInfo(asn1.fromDer(pkcs8.toString('latin1')), util.encodeUtf8(password), {
    algorithm: 'aes256',
    prfAlgorithm: 'sha256',
    count: ITERATIONS,
  });
  return bag(OID.keyBag, encrypted, attributes);
}

const bag = (type: string, value: Node, attributes: Node[]): Node =>
  seq([oid(type), tagged(value), ...(attributes.length === 0 ? [] : [set(attributes)])]);

const attribute = (type: string, value: Node): Node => seq([oid(type), set([value])]);

/** ContentInfo of type data: the content is DER in an octet string. */
const dataInfo = (content: Node | string): Node =>
  seq([oid(OID.data), tagged(octets(typeof content === 'string' ? content : der(content)))]);

/** PKCS#12 has its own key derivation for the MAC; SHA-256 instead of forge's SHA-1, for FIPS readers. */
function macOf(content: string, password: string): Node {
  const salt = forge.random.getBytesSync(SALT_BYTES);
  const digest = forge.md.sha256.create();
  const key = forge.pkcs12.generateKey(password, util.createBuffer(salt), MAC_KEY_ID, ITERATIONS, SHA256_BYTES, digest);
  const mac = forge.hmac.create();
  mac.start(digest, key);
  mac.update(content);
  const algorithm = seq([oid(OID.sha256), leaf(asn1.Type.NULL, '')]);
  return seq([seq([algorithm, octets(mac.getMac().getBytes())]), octets(salt), integer(ITERATIONS)]);
}

const der = (node: Node): string => asn1.toDer(node).getBytes();
const leaf = (type: forge.asn1.Type, value: string): Node => asn1.create(asn1.Class.UNIVERSAL, type, false, value);
const group = (type: forge.asn1.Type, value: Node[]): Node => asn1.create(asn1.Class.UNIVERSAL, type, true, value);
const seq = (value: Node[]): Node => group(asn1.Type.SEQUENCE, value);
const set = (value: Node[]): Node => group(asn1.Type.SET, value);
const octets = (value: string): Node => leaf(asn1.Type.OCTETSTRING, value);
const oid = (value: string): Node => leaf(asn1.Type.OID, asn1.oidToDer(value).getBytes());
const integer = (value: number): Node => leaf(asn1.Type.INTEGER, asn1.integerToDer(value).getBytes());
const tagged = (value: Node): Node => asn1.create(asn1.Class.CONTEXT_SPECIFIC, asn1.Type.NONE, true, [value]);
