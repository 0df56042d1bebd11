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
        Self::of_server(&["localhost", "127.0.0.1"], None)
    }

    /// The same, of a server that has other names.
    ///
    /// # Errors
    ///
    /// As [`make`](Self::make).
    pub fn for_names(names: &[&str]) -> io::Result<Self> {
        Self::of_server(names, None)
    }

    /// The same, with a certificate of the server that was valid until the end of 2019.
    ///
    /// # Errors
    ///
    /// As [`make`](Self::make).
    pub fn expired() -> io::Result<Self> {
        Self::of_server(&["localhost", "127.0.0.1"], Some(2020))
    }

    fn of_server(names: &[&str], valid_until: Option<i32>) -> io::Result<Self> {
        let made = || -> Result<Self, rcgen::Error> {
            let mut params = CertificateParams::new(Vec::new())?;
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
            let signed = |usage| -> Result<(String, String), rcgen::Error> {
                let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
                let mut params = CertificateParams::new(names)?;
                if let Some(year) = valid_until {
                    params.not_after = rcgen::date_time_ymd(year, 1, 1);
                }
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
