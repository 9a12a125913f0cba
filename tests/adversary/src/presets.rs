//! The named profiles.

use std::time::Duration;

use crate::Commit::{AfterRefusal, Later, Never, Now};
use crate::{
    Failure, Fault, Foreign, InFlight, KeyRules, Lifetime, Outage, Outages, Profile, ReadRules, Requests,
    Scheme, Scope, ValueRules, Wait,
};

/// Merchants of the *partner* profile; the first one has outages.
pub const MERCHANTS: [&str; 4] = ["merchant_a", "merchant_b", "merchant_c", "merchant_d"];

/// Less than callers wait, as long again, and long after they have stopped waiting.
const SOON: Duration = Duration::from_millis(400);
const LATE: Duration = Duration::from_millis(1_500);

impl Profile {
    /// Names of the profiles that [`named`](Self::named) knows.
    pub const NAMES: [&str; 7] = [
        "documented",
        "keys-forgotten",
        "keys-unlocked",
        "partner",
        "slow-reads",
        "outage",
        "hostile-network",
    ];

    /// Returns a profile by its name.
    pub fn named(name: &str, seed: u64) -> Option<Self> {
        let name = Self::NAMES.into_iter().find(|known| *known == name)?;
        let base = Self { name, faults: 0.3, mix: mix(&[&BROKEN, &FAILING]), ..Self::calm(seed) };
        let base = Self { keys: KeyRules { ignored: undocumented(), ..base.keys }, ..base };
        Some(match name {
            "keys-forgotten" => Self {
                keys: KeyRules { lifetime: Lifetime::Requests(20), ..base.keys },
                mix: mix(&[&BROKEN, &FAILING, &DELAYED]),
                ..base
            },
            "keys-unlocked" => Self {
                keys: KeyRules { in_flight: InFlight::Act, ..base.keys },
                mix: mix(&[&BROKEN, &DELAYED, &DELAYED]),
                latency: Duration::from_millis(5),
                ..base
            },
            "partner" => Self {
                outages: Some(Outages {
                    period: Duration::from_secs(2),
                    length: Duration::from_millis(700),
                    kind: Outage::Mixed,
                    merchants: Some(MERCHANTS.iter().take(1).map(|name| (*name).to_owned()).collect()),
                }),
                mix: mix(&[&BROKEN, &FAILING, &DELAYED]),
                faults: 0.2,
                ..base
            },
            "slow-reads" => Self {
                reads: ReadRules { late: 0.5, delay: Duration::from_millis(1_500) },
                values: ValueRules {
                    altered: 0.5,
                    whole: true,
                    paise: true,
                    zeros: true,
                    masked: true,
                    splits: true,
                },
                mix: mix(&[&BROKEN, &FAILING, &DELAYED]),
                taken_ids: 0.02,
                ..base
            },
            "outage" => Self {
                outages: Some(Outages {
                    period: Duration::from_secs(2),
                    length: Duration::from_millis(600),
                    kind: Outage::Mixed,
                    merchants: None,
                }),
                faults: 0.05,
                ..base
            },
            "hostile-network" => Self {
                keys: KeyRules {
                    in_flight: InFlight::Refuse,
                    scope: Scope::Merchant,
                    compares_bodies: false,
                    ..base.keys
                },
                mix: hostile(),
                taken_ids: 0.02,
                shows_existing: true,
                ..base
            },
            _ => base,
        })
    }
}

fn mix(groups: &[&[(u32, Fault)]]) -> Vec<(u32, Fault)> {
    groups.concat()
}

/// Keys are documented for POST with client id and secret alone.
fn undocumented() -> Vec<Requests> {
    vec![
        Requests::Method("PATCH"),
        Requests::Method("PUT"),
        Requests::Method("DELETE"),
        Requests::Scheme(Scheme::Partner),
        Requests::Scheme(Scheme::Signature),
        Requests::Scheme(Scheme::None),
    ]
}

/// Connections that break.
const BROKEN: [(u32, Fault); 6] = [
    (4, Fault::Close(Never)),
    (4, Fault::Close(Now)),
    (2, Fault::Hang(Never)),
    (2, Fault::Hang(Now)),
    (1, Fault::Hang(Later(SOON))),
    (3, Fault::CutShort),
];

/// Failures with a status code.
const FAILING: [(u32, Fault); 7] = [
    (2, Fault::Fail(Failure::json(500, "api_error", "internal_error"), Never)),
    (1, Fault::Fail(Failure::json(500, "api_error", "internal_error"), Now)),
    (1, Fault::Fail(Failure::json(502, "api_error", "bank_processing_failure"), Now)),
    (2, Fault::Fail(Failure::html(502), Never)),
    (2, Fault::Fail(Failure::html(504), Now)),
    (1, Fault::Fail(Failure::html(503), Never)),
    (1, Fault::Fail(Failure::limited(Wait::LimitRetry(1)), Never)),
];

/// Requests that take effect long after their caller has stopped waiting.
const DELAYED: [(u32, Fault); 5] = [
    (2, Fault::Close(Later(SOON))),
    (2, Fault::Close(Later(LATE))),
    (2, Fault::Fail(Failure::html(504), Later(LATE))),
    (2, Fault::Close(AfterRefusal)),
    (1, Fault::Hang(AfterRefusal)),
];

fn hostile() -> Vec<(u32, Fault)> {
    let mut mix = mix(&[&BROKEN, &DELAYED]);
    for foreign in Foreign::ALL {
        mix.extend([(1, Fault::Foreign(foreign, Never)), (1, Fault::Foreign(foreign, Now))]);
    }
    mix.extend([(4, Fault::Stray(Never)), (2, Fault::Stray(Now))]);
    // Statuses that look like refusals and are none.
    for failure in [
        Failure::json(400, "api_error", "request_failed"),
        Failure::json(400, "api_connection_error", "request_failed"),
        Failure::json(400, "bad_gateway_error", "request_failed"),
        Failure::json(400, "invalid_request_error", "api_request_timeout"),
        Failure::json(408, "api_error", "request_failed"),
        Failure::json(409, "invalid_request_error", "request_in_progress"),
        Failure::json(424, "api_error", "request_failed"),
        Failure::json(425, "api_error", "request_failed"),
        Failure::html(499),
        Failure::html(408),
        // A firewall that objects to the response, a proxy that replaces an error.
        Failure::html(403),
        Failure::html(404),
        Failure::json(500, "api_error", "internal_error"),
        Failure::html(502),
        Failure::html(504),
    ] {
        let (before, after) = (failure.clone(), failure);
        mix.extend([(1, Fault::Fail(before, Never)), (1, Fault::Fail(after, Now))]);
    }
    for wait in Wait::ALL {
        mix.push((1, Fault::Fail(Failure::limited(wait), Never)));
        mix.push((1, Fault::Fail(Failure::html(503).wait(wait), Never)));
    }
    mix
}
