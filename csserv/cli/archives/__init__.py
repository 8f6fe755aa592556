"""Commands that fill an archive and make it quick: fetching, a stand-in to try it, optimising."""
