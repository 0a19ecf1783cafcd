//! An older version of the app refuses newer data.

use crate::support::app::TempHome;
use crate::support::desktop::Display;
use crate::support::music::make_tracks;
use crate::support::process::run;

#[test]
fn refuses_database_of_newer_version() {
    let (home, display) = (TempHome::new(), Display::start());
    make_tracks(&home.music(), 1, 2.0);
    let mut app = home.start().with_music(&home.music());
    app.process.signal("TERM");
    assert!(app.process.wait());
    let library = home.path().join("data/auralis/library.db");
    let path = library.to_str().expect("UTF-8");
    let newer = "INSERT INTO _sqlx_migrations VALUES (9999, 'newer', '2030-01-01', 1, x'00', 0)";
    run("sqlite3", &[path, newer]);
    let before = std::fs::read(&library).expect("the library");

    let complaint = display.start_expecting_error(&home, &[]);
    assert!(complaint.contains("newer version of Auralis") && complaint.contains(path), "{complaint}");
    assert!(display.windows().is_empty());
    assert!(std::fs::read(&library).expect("the library") == before, "nothing was changed");
}
