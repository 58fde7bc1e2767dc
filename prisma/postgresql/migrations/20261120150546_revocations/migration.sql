-- CreateTable
CREATE TABLE "blocked_host" (
    "host" TEXT NOT NULL,
    "blocked_at" BIGINT NOT NULL,

    CONSTRAINT "blocked_host_pkey" PRIMARY KEY ("host")
);

-- CreateTable
CREATE TABLE "revocation" (
    "mark" TEXT NOT NULL,
    "moment" BIGINT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "revocation_pkey" PRIMARY KEY ("mark","moment")
);

-- CreateIndex
CREATE INDEX "revocation_created_at_idx" ON "revocation"("created_at");

-- CreateIndex
CREATE INDEX "revocation_expires_at_idx" ON "revocation"("expires_at");
