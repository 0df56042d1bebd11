use obs_core::redact::{Class, classify};
use proptest::prelude::*;

/// Names under which secrets stand, by rule.
const SECRETS: &[(&str, &str)] = &[
    (
        "name:password",
        "password passwd pwd Pwd pass passphrase passcode Password PASSWORD userPassword \
         db_password DB_PASSWORD dbPassword dbpassword PGPASSWORD MYSQL_PWD mysql.password \
         spring.datasource.password SPRING_DATASOURCE_PASSWORD --password -password \
         password_confirmation newPassword old-password password1 password_2 passWord pass_phrase \
         smtp_pass dbpass SSHPASS userPass db_pw keystore.pass passwort contraseña mot_de_passe \
         DB_PASSWORD_PROD password_value adminPasswordBase64 password_b64 wrong_password \
         encrypted_password user[password] passwords",
    ),
    ("name:password_hash", "password_hash passwordHash pwd_digest password-salt PASSWD_HASH"),
    (
        "name:secret",
        "secret SECRET client_secret clientSecret clientsecret CLIENT-SECRET app_secret \
         jwt_secret AWS_SECRET webhook_secret session_secret consumerSecret secrets db.secrets \
         shared_secret secret_value",
    ),
    (
        "name:token",
        "token TOKEN access_token accessToken accesstoken refresh_token id_token auth_token \
         authToken x-auth-token X-CSRF-Token csrfmiddlewaretoken GITHUB_TOKEN GH_TOKEN NPM_TOKEN \
         npmAuthToken bearer_token AWS_SESSION_TOKEN sessionToken api_token APIToken hf_token \
         CARGO_REGISTRY_TOKEN client_token bot_token --token vault.token deviceToken access_tokens \
         refreshTokens token1 OAuthToken oauth2_token admintoken accounttoken backendtoken \
         MAX_BOT_TOKEN jwt JWT user_jwt bearer client_assertion SAMLResponse code_verifier \
         request_token reset_token token_prod use_auth_token GITHUB_PAT",
    ),
    (
        "name:api_key",
        "api_key apiKey apikey API_KEY APIKEY x-api-key X-Api-Key OPENAI_API_KEY openaiApiKey \
         api.key apiKeys http.request.header.x-api-key api_key_2 API_KEY_LIVE --api-key \
         STRIPE_APIKEY",
    ),
    ("name:access_key", "access_key accessKey aws_access_key AWS_SECRET_ACCESS_KEY accesskey"),
    ("name:secret_key", "secret_key SECRET_KEY secretKey DJANGO_SECRET_KEY SECRET_KEY_BASE"),
    ("name:private_key", "private_key privateKey private-key PRIVATE_KEY_PEM privkey priv_key"),
    (
        "name:key",
        "signing_key signingKey encryption_key master_key MASTER_KEY ssh_key hmac_key \
         shared_access_shared_key AccountKey license_key DD_APP_KEY OPENAI_KEY \
         Ocp-Apim-Subscription-Key psk wpa_psk preSharedKey unseal_keys jwtSigningKey PresharedKey HEROKU_KEY",
    ),
    (
        "name:credential",
        "credential credentials creds db_creds aws_credentials awsCredentials \
         GOOGLE_CREDENTIALS_JSON cred user_cred",
    ),
    (
        "name:authorization",
        "authorization Authorization proxy-authorization Proxy-Authorization \
         http.request.header.authorization authorization_header auth_header basic_auth basicAuth \
         _auth DOCKER_AUTH_CONFIG OTEL_EXPORTER_OTLP_HEADERS OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    ),
    (
        "name:cookie",
        "cookie Cookie set-cookie Set-Cookie session_cookie cookies setcookie connect.sid \
         JSESSIONID PHPSESSID http.response.header.set-cookie",
    ),
    (
        "name:connection_string",
        "dsn SENTRY_DSN database_dsn connection_string connectionString connectionstring \
         ConnectionStrings conn_str connstr AZURE_STORAGE_CONNECTION_STRING DATABASE_URL \
         databaseUrl REDIS_URL MONGODB_URI CELERY_BROKER_URL jdbc.url db_url",
    ),
    ("name:signature", "signature X-Amz-Signature x-hub-signature sig request_sig sas_signature"),
    (
        "name:one_time_code",
        "otp user_otp OTP totp auth_code authorization_code verification_code verificationCode \
         mfa_code recovery_codes backupCodes security_code device_code",
    ),
    ("name:seed_phrase", "seed_phrase seedPhrase recovery_phrase walletMnemonic"),
    ("name:pin", "card_pin userPin SIM_PIN"),
    ("name:card_code", "cvv cvc CVV2 card_cvc"),
];

/// Names that look like the ones above and are shown.
const LOOK_ALIKES: &str = "
    tokens max_tokens maxTokens MAX_TOKENS input_tokens output_tokens total_tokens prompt_tokens
    completion_tokens cached_tokens reasoning_tokens gen_ai.usage.input_tokens num_tokens n_tokens
    gen_ai.usage.output_tokens cache_read_input_tokens accepted_prediction_tokens tokens_per_second
    token_count tokenCount token_type tokenType token_limit token_usage token_budget tokenizer
    tokenizer_name tokenization token_url token_endpoint token_id tokens_used token_expiry
    token_expires_in token_length token_hash cost_per_token time_to_first_token time_per_token
    next_token nextToken NextToken next_page_token nextPageToken nextpagetoken pageToken page_token
    continuation_token NextContinuationToken pagination_token sync_token resume_token cursor_token
    cancellation_token cancellationToken cancel_token stop_token eos_token bos_token pad_token
    unk_token mask_token special_token max_token unexpected_token lookahead_token idempotency_token
    fencing_token has_token hasToken TOKENIZERS_PARALLELISM broken
    session_id sessionId SESSION_ID session.id request_id trace_id user_id access_key_id accessKeyId
    AWS_ACCESS_KEY_ID key_id keyId kid client_id clientId tenant_id secret_id api_key_id
    key keys key_size keySize key_length key_type key_name key_count key_file key_path keyword
    keywords keyboard keystore keyring primary_key primaryKey foreign_key partition_key
    partitionKey PartitionKey sort_key row_key cache_key cacheKey public_key publicKey
    ssh_public_key routing_key message_key idempotency_key lookup_key object_key hot_key hotkey
    monkey donkey turnkey whiskey map_key storage_key s3.key messaging.kafka.message.key
    host_key GPG_KEY file_pat pat
    password_length passwordLength password_policy password_expired password_min_length
    password_changed_at password_file PASSWORD_STORE_DIR has_password hasPassword
    user_has_password is_password_set requires_password password_required password_strength
    secret_name secretName secret_version secret_arn secret_count secrets_loaded secret_path
    imagePullSecrets image_pull_secret kubernetes_secret max_secrets total_secrets secretary
    credential_type credentials_path credentials_provider credential_id
    allow_credentials Access-Control-Allow-Credentials num_credentials
    author authors authority authored_by auth auth_method authMethod auth_type authenticated
    authorization_endpoint authorization_url authorized oauth oauth_provider XAUTHORITY
    SSH_AUTH_SOCK require_authorization
    cookie_name cookie_domain cookie_count cookie_consent has_cookie third_party_cookies
    magic_cookie max_cookies
    PWD OLDPWD env.PWD cwd compass bypass first_pass render_pass tests_passed passed passenger
    passive passport_number passthrough SSH_ASKPASS GIT_ASKPASS encompass surpass
    signature_algorithm signature_version method_signature function_signature typeSignature
    crash_signature fault_signature signatures_checked signed
    status_code exit_code error_code country_code zipCode postal_code barcode unicode opcode
    http.response.status_code source_code
    pin gpio_pin pinned spin pins pin_count otp_length otp_sent laptop
    commit_hash content_hash file_hash sha256 checksum digest image_digest salt
    url uri base_url server.url webhook_url connection connection_count connection_timeout
    string substring strings db.name database db_host http.request.header.content-type headers
    traceparent level message event timestamp logger rows user username email description
    password_hint_enabled sid pid credit score design_token designTokens color_token
";

#[test]
fn names_of_secrets_are_recognised_with_their_rule() {
    let mut count = 0;
    for (rule, names) in SECRETS {
        for name in names.split_whitespace() {
            assert_eq!(classify(name), Class::Secret(rule), "{name}");
            assert_eq!(classify(name).rule(), Some(*rule));
            count += 1;
        }
    }
    assert!(count >= 200, "{count}");
}

#[test]
fn look_alikes_are_plain() {
    let mut count = 0;
    for name in LOOK_ALIKES.split_whitespace() {
        assert_eq!(classify(name), Class::Plain, "{name}");
        count += 1;
    }
    assert!(count >= 240, "{count}");
}

#[test]
fn names_without_words_are_plain() {
    for name in ["", "-", "--", "…", "12", "_", "value", "\0", "ß", "日本"] {
        assert_eq!(classify(name), Class::Plain, "{name:?}");
    }
}

#[test]
fn a_long_name_is_judged_by_its_end() {
    let prefix = "very.long.prefix_of.some_kind/".repeat(100);
    assert_eq!(classify(&format!("{prefix}apiKey")), Class::Secret("name:api_key"));
    assert_eq!(classify(&format!("{prefix}cacheKey")), Class::Plain);
    assert_eq!(classify(&format!("{prefix}has_apiKey")), Class::Plain);
}

#[test]
fn the_case_of_letters_only_separates_words() {
    for (rule, names) in SECRETS {
        for name in names.split_whitespace().filter(|name| name.contains(['_', '-', '.'])) {
            for changed in [name.to_uppercase(), name.to_lowercase()] {
                if name.chars().any(char::is_lowercase) && name.chars().any(char::is_uppercase) {
                    continue;
                }
                assert_eq!(classify(&changed), Class::Secret(rule), "{changed}");
            }
        }
    }
}

proptest! {
    #[test]
    fn no_name_breaks_the_judge_and_separators_around_it_change_nothing(name in "\\PC{0,20}") {
        let class = classify(&format!("x{name}"));
        let wrapped = format!("--x{name}.");
        prop_assert_eq!(classify(&wrapped), class);
    }
}
