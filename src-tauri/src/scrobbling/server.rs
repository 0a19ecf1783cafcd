//! A server that speaks as ListenBrainz does (<https://listenbrainz.readthedocs.io/en/latest/users/api/core.html>).

use std::time::Duration;

use auralis_core::{MusicBrainzIds, ScrobblingSettings};
use auralis_library::Scrobble;
use serde_json::{Value, json};
use ureq::Agent;

/// How long a request may take in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Longest pause that a server may ask for.
const LONGEST_PAUSE_S: u64 = 3600;

/// One server and the listener's token for it.
#[derive(Clone)]
pub(super) struct Server {
    agent: Agent,
    address: String,
    token: String,
}

/// Why plays were not taken.
pub(super) enum Failure {
    /// The token is not known to the server.
    TokenRefused,
    /// Something in them is not as the server wants it.
    NotUnderstood { reason: String },
    /// Later, perhaps: after this time, if the server says one.
    NotNow { reason: String, after: Option<Duration> },
}

impl Server {
    pub(super) fn new(settings: &ScrobblingSettings) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            // Wherever else it led, the token was not given for that place.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("Auralis/", env!("CARGO_PKG_VERSION")))
            .build();
        Server {
            agent: agent.into(),
            address: format!("{}/1/submit-listens", settings.server.trim_end_matches('/')),
            token: settings.token.clone(),
        }
    }

    /// Tells these plays; blocks until the server has answered.
    pub(super) fn submit(&self, plays: &[Scrobble]) -> Result<(), Failure> {
        let kind = if plays.len() == 1 { "single" } else { "import" };
        let listens: Vec<Value> = plays.iter().map(listen).collect();
        let answer = self
            .agent
            .post(&self.address)
            .header("Authorization", format!("Token {}", self.token))
            .send_json(json!({ "listen_type": kind, "payload": listens }));
        let answer = answer.map_err(|error| Failure::NotNow {
            reason: format!("The server cannot be reached ({error})."),
            after: None,
        })?;
        let status = answer.status();
        let told = format!("The server answered {status}.");
        match status.as_u16() {
            200..300 => Ok(()),
            401 | 403 => Err(Failure::TokenRefused),
            400 | 413 | 422 => Err(Failure::NotUnderstood { reason: told }),
            _ => {
                let pause = ["X-RateLimit-Reset-In", "Retry-After"]
                    .iter()
                    .find_map(|name| answer.headers().get(*name)?.to_str().ok()?.parse::<u64>().ok());
                let after = pause.map(|pause_s| Duration::from_secs(pause_s.clamp(1, LONGEST_PAUSE_S)));
                Err(Failure::NotNow { reason: told, after })
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
        if is_id(id) {
            about["additional_info"][name] = id.as_str().into();
        }
    }
    if !artists.is_empty() && artists.iter().all(|id| is_id(id)) {
        about["additional_info"]["artist_mbids"] = artists.as_slice().into();
    }
    json!({ "listened_at": play.began_s, "track_metadata": about })
}

/// Whether it looks like one: a play with another is refused as a whole.
fn is_id(text: &str) -> bool {
    let dash = |at| matches!(at, 8 | 13 | 18 | 23);
    text.len() == 36 && text.bytes().enumerate().all(|(at, c)| if dash(at) { c == b'-' } else { c.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use auralis_core::ListenId;

    use super::*;

    #[test]
    fn only_ids_that_look_like_some_are_told() {
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
