//! TLS connections to the database, with rustls and ring, and which certificates they trust.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::errors::InvalidUrl;
use super::parameters::TlsParameters;

/// Which certificates of the server are accepted. Roots come from the file, otherwise from the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Any certificate: the connection is encrypted, but the server's identity is not verified.
    Any,
    /// A certificate signed by a root, for any host.
    Chain(Option<PathBuf>),
    /// A certificate signed by a root, for the host's name.
    Name(Option<PathBuf>),
}

/// Whether connections use TLS, and which certificates they trust.
#[derive(Debug, Clone)]
pub(super) struct Encryption {
    modes: &'static [SslMode],
    trust: Trust,
    is_direct: bool,
}

impl Encryption {
    /// Reads `sslmode` and `sslrootcert` as libpq does
    /// (<https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>), with two differences:
    /// without a root file, verify-ca and verify-full use the system's roots, and verify-ca then checks the
    /// name too, because anybody can get a certificate from those.
    pub(super) fn new(parameters: &TlsParameters) -> Result<Self, InvalidUrl> {
        let is_system = parameters.root_certificates.as_deref() == Some("system");
        let default = if is_system { "verify-full" } else { "prefer" };
        let mode = parameters.mode.as_deref().unwrap_or(default);
        if is_system && mode != "verify-full" {
            return Err(InvalidUrl(
                "sslrootcert=system needs sslmode=verify-full".to_owned(),
            ));
        }
        let modes: &[SslMode] = match mode {
            "disable" => &[SslMode::Disable],
            "allow" => &[SslMode::Disable, SslMode::Require],
            "prefer" => &[SslMode::Prefer, SslMode::Disable],
            "require" | "verify-ca" | "verify-full" => &[SslMode::Require],
            _ => {
                return Err(InvalidUrl(
                    "sslmode is another word: use disable, allow, prefer, require, verify-ca or verify-full"
                        .to_owned(),
                ));
            }
        };
        if parameters.is_direct && modes != [SslMode::Require] {
            return Err(InvalidUrl(
                "sslnegotiation=direct needs sslmode=require or stronger".to_owned(),
            ));
        }
        let file = parameters
            .root_certificates
            .as_ref()
            .filter(|_| !is_system)
            .map(PathBuf::from);
        let trust = match (mode, file) {
            ("verify-full", file) => Trust::Name(file),
            ("verify-ca", None) => Trust::Name(None),
            (_, None) => Trust::Any,
            // As in libpq, a root certificate file implies verification.
            (_, file) => Trust::Chain(file),
        };
        let is_direct = parameters.is_direct;
        Ok(Self {
            modes,
            trust,
            is_direct,
        })
    }

    /// The ways to connect, one after the other.
    pub(super) fn modes(&self) -> &'static [SslMode] {
        self.modes
    }

    #[cfg(test)]
    pub(super) fn trust(&self) -> &Trust {
        &self.trust
    }
}

pub(super) fn connector(encryption: &Encryption) -> Result<MakeRustlsConnect, InvalidUrl> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("ring has the default protocol versions");
    let mut config = match &encryption.trust {
        Trust::Any => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth(),
        Trust::Chain(file) => {
            let roots = Arc::new(roots(file.as_deref())?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider)
                .build()
                .map_err(|error| InvalidUrl(format!("sslrootcert: {error}")))?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyName(verifier)))
                .with_no_client_auth()
        }
        Trust::Name(file) => builder
            .with_root_certificates(roots(file.as_deref())?)
            .with_no_client_auth(),
    };
    if encryption.is_direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

fn roots(file: Option<&Path>) -> Result<RootCertStore, InvalidUrl> {
    let mut store = RootCertStore::empty();
    let Some(file) = file else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if store.is_empty() {
            Err(InvalidUrl(
                "this system has no root certificates: install ca-certificates or set sslrootcert to a file"
                    .to_owned(),
            ))
        } else {
            Ok(store)
        };
    };
    let unreadable =
        |cause: &dyn std::fmt::Display| InvalidUrl(format!("sslrootcert {}: {cause}", file.display()));
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))? {
        store
            .add(certificate.map_err(|error| unreadable(&error))?)
            .map_err(|error| unreadable(&error))?;
    }
    if store.is_empty() {
        Err(unreadable(&"it contains no certificate"))
    } else {
        Ok(store)
    }
}

/// The verifier for `sslmode=require` and `prefer`, which as in libpq encrypt without verifying the server's
/// identity. It still checks that the server owns the key of its certificate.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The verifier for `sslmode=verify-ca`: the certificate must be signed by a root, for whatever host. The
/// name is checked last, so an error about it means that everything else is right.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self
            .0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
