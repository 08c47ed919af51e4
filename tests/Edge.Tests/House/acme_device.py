"""A device that gets a certificate for an address with certbot's library: acme_device.py DIRECTORY ROOT CHALLENGE ADDRESS FILE

It prints the reason where the server refuses.
"""
import ipaddress
import sys
import threading

import josepy
from acme import challenges, client, crypto_util, errors, messages, standalone
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives import serialization
from OpenSSL import crypto

ACME_IDENTIFIER = b"1.3.6.1.5.5.7.1.31"  # RFC 8737, section 6.1; this release of the library has a draft's


def pem_key():
    key = ec.generate_private_key(ec.SECP256R1(), default_backend())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def http_server(challenge, response):
    resource = standalone.HTTP01RequestHandler.HTTP01Resource(
        chall=challenge, response=response, validation=response.key_authorization)
    server = standalone.HTTP01DualNetworkedServers(("", 80), {resource})
    server.serve_forever()
    return server.shutdown_and_server_close


def tls_server(response, address):
    key = crypto.PKey()
    key.generate_key(crypto.TYPE_RSA, 2048)
    digest = crypto.X509Extension(ACME_IDENTIFIER, critical=True, value=b"DER:0420" + response.h.hex().encode())
    shown = crypto_util.gen_ss_cert(key, ips=[address], force_san=True, extensions=[digest])
    name = address.reverse_pointer.encode()  # RFC 8738, section 6
    server = standalone.TLSALPN01Server(("", 443), certs=[], challenge_certs={name: (key, shown)}, ipv6=address.version == 6)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.shutdown


def main(directory, root, kind, text, file):
    address = ipaddress.ip_address(text)
    key = josepy.JWKRSA(key=rsa.generate_private_key(65537, 2048, default_backend()))
    net = client.ClientNetwork(key, verify_ssl=root)
    acme = client.ClientV2(messages.Directory.from_json(net.get(directory).json()), net)
    acme.new_account(messages.NewRegistration.from_data(terms_of_service_agreed=True))
    private = pem_key()
    order = acme.new_order(crypto_util.make_csr(private, ipaddrs=[address]))
    offered = order.authorizations[0].body.challenges
    print("offered", sorted(one.chall.typ for one in offered))
    chosen = next(one for one in offered if one.chall.typ == kind)
    response = chosen.chall.response(key)
    end = http_server(chosen.chall, response) if kind == "http-01" else tls_server(response, address)
    try:
        acme.answer_challenge(chosen, response)
        final = acme.poll_and_finalize(order)
    finally:
        end()
    with open(file, "w", encoding="ascii") as out:
        out.write(final.fullchain_pem)
    with open(file + ".key", "wb") as out:
        out.write(private)


try:
    main(*sys.argv[1:])
except (messages.Error, errors.Error) as refused:
    print("refused:", refused)
