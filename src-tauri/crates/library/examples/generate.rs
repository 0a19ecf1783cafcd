//! Fills a folder with small tagged files of every format: `cargo run --release --example generate -- FOLDER FILES`.

#[path = "../tests/library/fixture.rs"]
mod fixture;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next().and_then(|count| count.parse().ok())) {
        (Some(folder), Some(count)) => fixture::generate(folder.as_ref(), count),
        _ => Err(std::io::Error::other("usage: generate FOLDER FILES")),
    }
}
