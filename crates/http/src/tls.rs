//! TLS for the transport over reqwest: rustls, the machine's roots, and ring unless the application chose otherwise.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, Error, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;

/// A configuration as reqwest makes it itself, but for the cryptography: reqwest's own, aws-lc, is 390 files of C and a quarter
/// of a build's processor time. What the application has installed for its process goes before ours.
///
/// # Errors
/// The machine's roots are wanted, and it has none.
pub(crate) fn config(with_roots: bool) -> Result<ClientConfig, Error> {
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = if with_roots {
        config.with_platform_verifier()?
    } else {
        // Without TLS no certificate is needed, and a machine may have none.
        config.with_root_certificates(RootCertStore::empty())
    };
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};

    use super::*;

    #[test]
    fn http_2_is_offered_first_over_either_version() {
        let config = config(false).unwrap();
        assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
        assert!(config.enable_sni);
        for version in [TLSv1_2, TLSv1_3] {
            let suites = &config.crypto_provider().cipher_suites;
            assert!(suites.iter().any(|suite| suite.version().version == version), "{version:?}");
        }
    }

    #[test]
    fn reqwest_understands_it() {
        let client = reqwest::Client::builder().tls_backend_preconfigured(config(false).unwrap());
        // It knows the type by its version alone: another rustls would be found here.
        client.build().unwrap();
    }
}
