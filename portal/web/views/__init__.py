"""One module an area, one function a page: ten to forty lines each."""
