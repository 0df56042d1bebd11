//! Whom to trust, and who we are.
use crate::error::{OtlpError, OtlpErrorKind};
use obs_core::settings::otel::Export;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};
use ureq::tls::{ClientCert, PrivateKey, RootCerts, TlsConfig};

/// No such file is longer.
const BYTES_MAX: u64 = 4 << 20;

/// Certificates and keys in PEM.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    /// Those that vouch for the server; `None` is the system's.
    roots: Option<Vec<u8>>,
    /// The client's certificate and its key.
    client: Option<(Vec<u8>, Vec<u8>)>,
}

impl Tls {
    /// Reads the files that the settings name.
    pub(crate) fn load(export: &Export) -> Result<Self, OtlpError> {
        let roots = export.certificate.as_deref().map(certificates).transpose()?;
        let client = match &export.client {
            Some((certificate, key)) => Some((certificates(certificate)?, private_key(key)?)),
            None => None,
        };
        Ok(Self { roots, client })
    }

    /// For HTTP.
    pub(crate) fn of_http(&self) -> Result<TlsConfig, OtlpError> {
        let unusable = |error: ureq::Error| {
            OtlpError::new(OtlpErrorKind::Certificate, format!("a certificate or key: {error}"))
        };
        let roots = match &self.roots {
            Some(pem) => parsed(pem),
            None => system_roots()?,
        };
        let owned = |der: &CertificateDer<'_>| ureq::tls::Certificate::from_der(der).to_owned();
        let roots: Vec<_> = roots.iter().map(owned).collect();
        let client = match &self.client {
            None => None,
            Some((certificate, key)) => {
                let chain: Vec<_> = parsed(certificate).iter().map(owned).collect();
                let key = PrivateKey::from_pem(key).map_err(unusable)?;
                Some(ClientCert::new_with_certs(&chain, key))
            }
        };
        Ok(TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .client_cert(client)
            .unversioned_rustls_crypto_provider(provider())
            .build())
    }

    /// For a handshake by itself that offers these protocols, as ALPN names them.
    pub(crate) fn of_handshake(&self, protocols: &[&[u8]]) -> Result<ClientConfig, OtlpError> {
        let unusable = |error: rustls::Error| {
            OtlpError::new(OtlpErrorKind::Certificate, format!("a certificate or key: {error}"))
        };
        let mut roots = RootCertStore::empty();
        let (_, _) = roots.add_parsable_certificates(match &self.roots {
            Some(pem) => parsed(pem),
            None => system_roots()?,
        });
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(roots);
        let mut config = match &self.client {
            None => config.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
                    OtlpError::new(OtlpErrorKind::Certificate, format!("the key: {error}"))
                })?;
                config.with_client_auth_cert(parsed(certificate), key).map_err(unusable)?
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(config)
    }

    /// For gRPC.
    pub(crate) fn of_grpc(&self) -> ClientTlsConfig {
        let config = ClientTlsConfig::new();
        let config = match &self.roots {
            Some(pem) => config.ca_certificate(Certificate::from_pem(pem)),
            None => config.with_native_roots(),
        };
        match &self.client {
            Some((certificate, key)) => config.identity(Identity::from_pem(certificate, key)),
            None => config,
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// For a handshake that is to fail for want of trust; `None` where the library cannot do any.
pub(crate) fn trusting_nobody() -> Option<ClientConfig> {
    let config = ClientConfig::builder_with_provider(provider());
    let config = config.with_safe_default_protocol_versions().ok()?;
    Some(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn system_roots() -> Result<Vec<CertificateDer<'static>>, OtlpError> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why = found.errors.first().map_or_else(String::new, |error| format!(": {error}"));
        let message = format!("the system has no certificates that vouch for servers{why}");
        return Err(OtlpError::new(OtlpErrorKind::Certificate, message));
    }
    Ok(found.certs)
}

/// The certificates of a file, of which there is one at least.
fn certificates(path: &Path) -> Result<Vec<u8>, OtlpError> {
    const WHAT: &str = "the certificate";
    let pem = read(WHAT, path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if found.is_empty() => {
            Err(OtlpError::certificate(WHAT, path, "holds no certificate in PEM"))
        }
        Ok(_) => Ok(pem),
        Err(error) => Err(OtlpError::certificate(WHAT, path, error)),
    }
}

/// The private key of a file.
fn private_key(path: &Path) -> Result<Vec<u8>, OtlpError> {
    const WHAT: &str = "the private key";
    let pem = read(WHAT, path)?;
    match PrivateKeyDer::from_pem_slice(&pem) {
        Ok(_) => Ok(pem),
        Err(error) => Err(OtlpError::certificate(WHAT, path, error)),
    }
}

fn read(what: &str, path: &Path) -> Result<Vec<u8>, OtlpError> {
    let failed = |why: String| OtlpError::certificate(what, path, why);
    let metadata = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > BYTES_MAX {
        return Err(failed("is no file, or longer than 4 MiB".to_owned()));
    }
    std::fs::read(path).map_err(|error| failed(error.to_string()))
}

/// Certificates that were found to be some.
fn parsed(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).flatten().collect()
}
