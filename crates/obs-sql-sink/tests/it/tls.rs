//! Databases that are spoken to over TLS.
use crate::places::Place;
use crate::program::{Program, make};
use crate::rows::{check, logs};
use obs_databases::{Product, Server};
use obs_receiver::Certificates;
use obs_sql_sink::{SqlErrorKind, SqlOptions, probe};
use std::sync::Arc;
use std::time::Duration;

/// The parameters that want TLS and the certificate of this authority.
fn verified(product: Product, authority: &str) -> String {
    match product {
        Product::Postgres => format!("sslmode=verify-full&sslrootcert={authority}"),
        Product::MariaDb => format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={authority}"),
    }
}

#[test]
fn a_server_that_its_authority_vouches_for_is_written_to_and_no_other() {
    let directory = tempfile::TempDir::new().unwrap();
    let certificates = Certificates::make().unwrap();
    let put = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let ours = put("ours.pem", &certificates.authority);
    let other = put("other.pem", &Certificates::make().unwrap().authority);
    for product in Product::ALL {
        let tls = (certificates.server.as_str(), certificates.server_key.as_str());
        let Some(server) = Server::start_secured(product, tls).unwrap() else {
            println!("{product} is not installed: TLS to it is not tested");
            continue;
        };
        let mut place = Place::on(Arc::new(server));
        let plain = place.url.clone();
        place.url = format!("{plain}?{}", verified(product, &ours));
        let program = Program::start(&place);
        make(1..=500);
        let lines = program.finish_whole();
        check(&place, &logs(&place, lines.run_id), &lines.log);
        let wrong = format!("{plain}?{}", verified(product, &other));
        let error = probe(&SqlOptions::new(wrong.parse().unwrap()), Duration::from_secs(30));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), SqlErrorKind::Tls, "{error}");
    }
}

#[test]
fn a_server_without_tls_is_not_written_to_where_it_is_wanted() {
    for place in Place::all() {
        let Some(server) = place.server() else { continue };
        let wanted = match server.product() {
            Product::Postgres => "sslmode=require",
            Product::MariaDb => "ssl-mode=REQUIRED",
        };
        let url = format!("{}?{wanted}", place.url);
        let error = probe(&SqlOptions::new(url.parse().unwrap()), Duration::from_secs(30));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), SqlErrorKind::Tls, "{place} {error}");
    }
}
