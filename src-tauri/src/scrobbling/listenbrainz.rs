//! Client of the ListenBrainz API (<https://listenbrainz.readthedocs.io/en/latest/users/api/core.html>).

use std::time::Duration;

use auralis_core::{MusicBrainzIds, ScrobblingSettings};
use auralis_library::Scrobble;
use serde_json::{Value, json};
use ureq::Agent;

/// Request timeout.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Longest accepted Retry-After.
const MAX_RETRY_AFTER_S: u64 = 3600;

/// A server and the user's token for it.
#[derive(Clone)]
pub(super) struct ListenBrainzClient {
    agent: Agent,
    address: String,
    token: String,
}

/// Why plays were not accepted.
pub(super) enum SubmitError {
    /// The server does not know the token.
    TokenRefused,
    /// The server rejected the payload.
    Rejected { reason: String },
    /// Retry later; after this time, if the server gives one.
    RetryLater { reason: String, after: Option<Duration> },
}

impl ListenBrainzClient {
    pub(super) fn new(settings: &ScrobblingSettings) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(REQUEST_TIMEOUT))
            .http_status_as_error(false)
            // A redirect must not receive the token.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("Auralis/", env!("CARGO_PKG_VERSION")))
            .build();
        ListenBrainzClient {
            agent: agent.into(),
            address: format!("{}/1/submit-listens", settings.server.trim_end_matches('/')),
            token: settings.token.clone(),
        }
    }

    /// Submits plays; blocks until the server has answered.
    pub(super) fn submit(&self, plays: &[Scrobble]) -> Result<(), SubmitError> {
        let kind = if plays.len() == 1 { "single" } else { "import" };
        let listens: Vec<Value> = plays.iter().map(listen).collect();
        let answer = self
            .agent
            .post(&self.address)
            .header("Authorization", format!("Token {}", self.token))
            .send_json(json!({ "listen_type": kind, "payload": listens }));
        let answer = answer.map_err(|error| SubmitError::RetryLater {
            reason: format!("The server cannot be reached ({error})."),
            after: None,
        })?;
        let status = answer.status();
        let status_text = format!("The server answered {status}.");
        match status.as_u16() {
            200..300 => Ok(()),
            401 | 403 => Err(SubmitError::TokenRefused),
            400 | 413 | 422 => Err(SubmitError::Rejected { reason: status_text }),
            _ => {
                let pause = ["X-RateLimit-Reset-In", "Retry-After"]
                    .iter()
                    .find_map(|name| answer.headers().get(*name)?.to_str().ok()?.parse::<u64>().ok());
                let after = pause.map(|pause_s| Duration::from_secs(pause_s.clamp(1, MAX_RETRY_AFTER_S)));
                Err(SubmitError::RetryLater { reason: status_text, after })
            }
        }
    }
}

fn listen(play: &Scrobble) -> Value {
    let mut about = json!({
        "artist_name": play.artist,
        "track_name": play.title,
        "additional_info": {
            "media_player": "Auralis",
            "submission_client": "Auralis",
            "submission_client_version": env!("CARGO_PKG_VERSION"),
        },
    });
    if !play.album.is_empty() {
        about["release_name"] = play.album.as_str().into();
    }
    if play.duration_s > 0.0 {
        about["additional_info"]["duration_ms"] = ((play.duration_s * 1000.0).round() as u64).into();
    }
    let MusicBrainzIds { recording, track, release, release_group, artists, .. } = &play.musicbrainz;
    for (name, id) in [
        ("recording_mbid", recording),
        ("track_mbid", track),
        ("release_mbid", release),
        ("release_group_mbid", release_group),
    ] {
        if is_mbid(id) {
            about["additional_info"][name] = id.as_str().into();
        }
    }
    if !artists.is_empty() && artists.iter().all(|id| is_mbid(id)) {
        about["additional_info"]["artist_mbids"] = artists.as_slice().into();
    }
    json!({ "listened_at": play.began_s, "track_metadata": about })
}

/// Whether it looks like a MusicBrainz ID: the server rejects a play with a malformed one.
fn is_mbid(text: &str) -> bool {
    let dash = |at| matches!(at, 8 | 13 | 18 | 23);
    text.len() == 36 && text.bytes().enumerate().all(|(at, c)| if dash(at) { c == b'-' } else { c.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use auralis_core::ListenId;

    use super::*;

    #[test]
    fn malformed_musicbrainz_ids_are_left_out() {
        let mut play = Scrobble {
            listen: ListenId(1),
            began_s: 1_700_000_000,
            title: "One".into(),
            artist: "Someone".into(),
            album: String::new(),
            duration_s: 0.0,
            musicbrainz: MusicBrainzIds {
                recording: "8f3471b5-7e6a-48da-86a9-c1c07a0f47ae".into(),
                release: "none".into(),
                ..MusicBrainzIds::default()
            },
        };
        let info = |play: &Scrobble| listen(play)["track_metadata"]["additional_info"].clone();
        assert_eq!(info(&play)["recording_mbid"], "8f3471b5-7e6a-48da-86a9-c1c07a0f47ae");
        assert!(info(&play).get("release_mbid").is_none() && info(&play).get("artist_mbids").is_none());
        play.musicbrainz.artists = vec![play.musicbrainz.recording.clone(), String::new()];
        assert!(info(&play).get("artist_mbids").is_none());
        play.musicbrainz.artists.pop();
        assert_eq!(info(&play)["artist_mbids"], json!(["8f3471b5-7e6a-48da-86a9-c1c07a0f47ae"]));
    }
}
