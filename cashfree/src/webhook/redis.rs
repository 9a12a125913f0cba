//! Deduplication store in Redis.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;
use redis::aio::ConnectionManager;

use super::store::{CLAIM_FOR, KEEP_FOR, bounded};
use super::{Claim, ClaimToken, DedupeKey, DedupeStore, LeaseState};
use crate::{BoxError, BoxFuture};

// One entry per event: the token while the event is claimed, then `done` and the token. An entry ends by its time to
// live, which the server's clock measures.

/// 0: new, 1: claimed, 2: handled.
static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
        if string.sub(redis.call('GET', KEYS[1]), 1, 5) == 'done ' then return 2 end
        return 1",
    )
});

/// 1: held, 0: lost.
static RENEW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local held = redis.call('GET', KEYS[1])
        if held and held ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1",
    )
});

/// 1: held, 0: lost.
static CONFIRM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local held, done = redis.call('GET', KEYS[1]), 'done ' .. ARGV[1]
        if held and held ~= ARGV[1] and held ~= done then return 0 end
        redis.call('SET', KEYS[1], done, 'PX', ARGV[2])
        return 1",
    )
});

static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0",
    )
});

/// Deduplication store in Redis 2.8 or later, shared by all processes that use the server.
///
/// With [`deduplicate`](super::deduplicate), an event is handled **at least once, and never by two handlers at a time** within the
/// lease. Each step is one script on one entry, so that the store works with Redis Cluster's rules too; leases and
/// retention are the entry's time to live, by the server's clock. An entry takes about 200 bytes for three days.
///
/// Configure the server with
///
/// - `appendonly yes`, or a restart forgets handled events. With `appendfsync everysec`, a crash of the machine
///   forgets those of the last second, and so does a failover to a replica that lags behind;
/// - `maxmemory-policy noeviction`: a full server then refuses new events instead of forgetting handled ones.
///
/// An event that was forgotten is handled again if delivered again. Handlers that write to Postgres avoid that with
/// `PostgresStore`.
///
/// ```no_run
/// use cashfree::webhook::{RedisStore, Verified, deduplicate};
///
/// # async fn run(delivery: Verified) -> Result<(), Box<dyn std::error::Error>> {
/// let connection = redis::Client::open("redis://127.0.0.1/")?.get_connection_manager().await?;
/// let store = RedisStore::new(connection);
/// let done = deduplicate(&store, &delivery.dedupe_key(), async || Ok::<_, std::io::Error>("sent the tickets")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: Arc<str>,
    claim: Duration,
    keep: Duration,
}

impl RedisStore {
    /// Creates a store with leases of 90 seconds that remembers handled events for three days, in entries named
    /// `cashfree:event:` and the key.
    ///
    /// The connection manager reconnects after a failure; the command under way fails. Timeouts are set in its
    /// `ConnectionManagerConfig`.
    pub fn new(connection: ConnectionManager) -> Self {
        Self { connection, prefix: Arc::from("cashfree:event:"), claim: CLAIM_FOR, keep: KEEP_FOR }
    }

    /// Sets what the names of entries begin with. Default: `cashfree:event:`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = Arc::from(prefix);
        self
    }

    /// Sets how long a claim is leased, in whole milliseconds. Choose more time than a handler takes.
    /// Default: 90 seconds.
    #[must_use]
    pub fn claim_for(mut self, time: Duration) -> Self {
        self.claim = time;
        self
    }

    /// Sets how long a handled event is remembered, in whole milliseconds. Default: three days.
    #[must_use]
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    async fn run(
        &self,
        script: &Script,
        key: &DedupeKey,
        token: &ClaimToken,
        time: Duration,
    ) -> Result<u8, BoxError> {
        // Redis refuses a time to live of zero.
        let time = u64::try_from(bounded(time).as_millis())?.max(1);
        let mut call = script.key(format!("{}{key}", self.prefix));
        Ok(call.arg(token.to_string()).arg(time).invoke_async(&mut self.connection.clone()).await?)
    }

    async fn lease(
        &self,
        script: &Script,
        key: &DedupeKey,
        token: &ClaimToken,
        time: Duration,
    ) -> Result<LeaseState, BoxError> {
        Ok(if self.run(script, key, token, time).await? == 1 { LeaseState::Held } else { LeaseState::Lost })
    }
}

impl DedupeStore for RedisStore {
    fn claim<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<Claim, BoxError>> {
        Box::pin(async move {
            Ok(match self.run(&CLAIM, key, token, self.claim).await? {
                0 => Claim::New,
                2 => Claim::Done,
                _ => Claim::InProgress,
            })
        })
    }

    fn renew<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(self.lease(&RENEW, key, token, self.claim))
    }

    fn confirm<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<LeaseState, BoxError>> {
        Box::pin(self.lease(&CONFIRM, key, token, self.keep))
    }

    fn release<'a>(
        &'a self,
        key: &'a DedupeKey,
        token: &'a ClaimToken,
    ) -> BoxFuture<'a, Result<(), BoxError>> {
        Box::pin(async move { self.run(&RELEASE, key, token, self.claim).await.map(drop) })
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("claim", &self.claim)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}
