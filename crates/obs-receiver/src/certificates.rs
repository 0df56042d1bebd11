//! Certificates that nobody else trusts, made for one test.
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use std::io;

/// A certificate authority, a server's certificate and a client's, in PEM.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Certificates {
    /// The authority's certificate.
    pub authority: String,
    /// The server's certificate, for `localhost` and `127.0.0.1`.
    pub server: String,
    /// Its key.
    pub server_key: String,
    /// A client's certificate.
    pub client: String,
    /// Its key.
    pub client_key: String,
}

impl Certificates {
    /// New ones, that have nothing to do with any others.
    ///
    /// # Errors
    ///
    /// Where the system has no randomness.
    pub fn make() -> io::Result<Self> {
        let made = || -> Result<Self, rcgen::Error> {
            let mut params = CertificateParams::new(Vec::new())?;
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
            let signed = |usage| -> Result<(String, String), rcgen::Error> {
                let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
                let mut params = CertificateParams::new(names)?;
                params.extended_key_usages = vec![usage];
                let key = KeyPair::generate()?;
                Ok((params.signed_by(&key, &authority)?.pem(), key.serialize_pem()))
            };
            let (server, server_key) = signed(ExtendedKeyUsagePurpose::ServerAuth)?;
            let (client, client_key) = signed(ExtendedKeyUsagePurpose::ClientAuth)?;
            Ok(Self { authority: authority.pem(), server, server_key, client, client_key })
        };
        made().map_err(io::Error::other)
    }
}
