//! Another version of the app on the same data.

use crate::support::app::Home;
use crate::support::desktop::Display;
use crate::support::music::make_tracks;
use crate::support::process::run;

#[test]
fn data_of_a_newer_version_is_refused_in_words_and_left_alone() {
    let (home, display) = (Home::new(), Display::start());
    make_tracks(&home.music(), 1, 2.0);
    let mut app = home.start().with_music(&home.music());
    app.process.signal("TERM");
    assert!(app.process.wait());
    let library = home.path().join("data/auralis/library.db");
    let path = library.to_str().expect("UTF-8");
    let newer = "INSERT INTO _sqlx_migrations VALUES (9999, 'newer', '2030-01-01', 1, x'00', 0)";
    run("sqlite3", &[path, newer]);
    let before = std::fs::read(&library).expect("the library");

    let complaint = display.start_in_vain(&home, &[]);
    assert!(complaint.contains("newer version of Auralis") && complaint.contains(path), "{complaint}");
    assert!(display.windows().is_empty());
    assert!(std::fs::read(&library).expect("the library") == before, "nothing was changed");
}
