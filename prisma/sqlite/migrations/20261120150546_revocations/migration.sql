-- CreateTable
CREATE TABLE "blocked_host" (
    "host" TEXT NOT NULL PRIMARY KEY,
    "blocked_at" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "revocation" (
    "mark" TEXT NOT NULL,
    "moment" BIGINT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    PRIMARY KEY ("mark", "moment")
);

-- CreateIndex
CREATE INDEX "revocation_created_at_idx" ON "revocation"("created_at");

-- CreateIndex
CREATE INDEX "revocation_expires_at_idx" ON "revocation"("expires_at");
